//! Where labels stand: beside their place, never on another label or place, never outside of the frame.
//!
//! Each label tries the positions around its place in a fixed order, nearest first, and takes the first that is free; one
//! that stands apart gets a line to its place. One that finds no room is left to the legend. Draws nothing.

use crate::map::outline::{Px, Window};

/// A rectangle: left, top, right, bottom.
pub type Rect = [f64; 4];

/// A label that wants a position.
pub struct Wish {
    pub at: Px,
    /// Of the place itself; 0 when the label may stand on it.
    pub radius: f64,
    pub width: f64,
    pub height: f64,
}

/// Where it stands, and the line to its place where one is needed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Stand {
    pub left: f64,
    pub top: f64,
    pub leader: Option<(Px, Px)>,
}

const DISTANCES: [f64; 12] = [4.0, 9.0, 15.0, 22.0, 30.0, 40.0, 52.0, 66.0, 82.0, 100.0, 120.0, 145.0];
/// Right, left, and the slanted ones first: they read best.
const WAYS: [(f64, f64); 12] = [
    (1.0, 0.0),
    (-1.0, 0.0),
    (0.8, -0.6),
    (0.8, 0.6),
    (-0.8, -0.6),
    (-0.8, 0.6),
    (0.0, -1.0),
    (0.0, 1.0),
    (0.45, -0.9),
    (0.45, 0.9),
    (-0.45, -0.9),
    (-0.45, 0.9),
];
/// White between two labels.
const AIR: f64 = 2.0;
/// A label that is farther away has a line to its place.
const NEAR: f64 = 7.0;

/// Positions in the order of the wishes; `taken` is occupied already. `None` where there is no room.
pub fn stands(wishes: &[Wish], window: &Window, taken: &[Rect]) -> Vec<Option<Stand>> {
    let points: Vec<Rect> = wishes.iter().map(|wish| square(wish.at, wish.radius)).collect();
    let mut boxes: Vec<Rect> = taken.to_vec();
    let mut leaders: Vec<(Px, Px)> = Vec::new();
    let mut found = Vec::with_capacity(wishes.len());
    for (number, wish) in wishes.iter().enumerate() {
        let free = |stand: &Stand| {
            let rect = [stand.left, stand.top, stand.left + wish.width, stand.top + wish.height];
            let inside = window.contains([rect[0] - 3.0, rect[1] - 2.0]) && window.contains([rect[2] + 3.0, rect[3] + 2.0]);
            let other = |index: usize| index != number;
            inside
                && boxes.iter().all(|known| apart(rect, *known, AIR))
                && points
                    .iter()
                    .enumerate()
                    .all(|(index, point)| (!other(index) && wish.radius == 0.0) || apart(rect, *point, 1.0))
                && leaders.iter().all(|leader| !crosses(*leader, rect))
                && stand.leader.is_none_or(|leader| {
                    boxes.iter().all(|known| !crosses(leader, *known))
                        && points.iter().enumerate().all(|(index, point)| !other(index) || !crosses(leader, *point))
                })
        };
        let stand = positions(wish).into_iter().find(free);
        if let Some(stand) = stand {
            boxes.push([stand.left, stand.top, stand.left + wish.width, stand.top + wish.height]);
            leaders.extend(stand.leader);
        }
        found.push(stand);
    }
    found
}

fn positions(wish: &Wish) -> Vec<Stand> {
    let mut all = Vec::new();
    let (half_width, half_height) = (wish.width / 2.0, wish.height / 2.0);
    if wish.radius == 0.0 {
        all.push(Stand { left: wish.at[0] - half_width, top: wish.at[1] - half_height, leader: None });
    }
    for distance in DISTANCES {
        for (dx, dy) in WAYS {
            let reach = wish.radius + distance;
            // The point of the way, and the box that touches it from outside.
            let touch = [wish.at[0] + dx * reach, wish.at[1] + dy * reach];
            let shift = |way: f64, half: f64| {
                if way > 0.3 {
                    half
                } else if way < -0.3 {
                    -half
                } else {
                    0.0
                }
            };
            let centre = [touch[0] + shift(dx, half_width), touch[1] + shift(dy, half_height)];
            let edge = [wish.at[0] + dx * wish.radius, wish.at[1] + dy * wish.radius];
            let leader = (distance > NEAR).then_some((edge, touch));
            all.push(Stand { left: centre[0] - half_width, top: centre[1] - half_height, leader });
        }
    }
    all
}

fn square(at: Px, radius: f64) -> Rect {
    [at[0] - radius, at[1] - radius, at[0] + radius, at[1] + radius]
}

fn apart(a: Rect, b: Rect, air: f64) -> bool {
    a[2] + air <= b[0] || b[2] + air <= a[0] || a[3] + air <= b[1] || b[3] + air <= a[1]
}

/// Whether a line passes through a rectangle; touching its edge is allowed.
fn crosses((from, to): (Px, Px), rect: Rect) -> bool {
    let (mut begin, mut end) = (0.0_f64, 1.0_f64);
    for (axis, low, high) in [(0, rect[0] + 0.5, rect[2] - 0.5), (1, rect[1] + 0.5, rect[3] - 0.5)] {
        let step = to[axis] - from[axis];
        if low >= high {
            return false;
        }
        if step == 0.0 {
            if from[axis] <= low || from[axis] >= high {
                return false;
            }
            continue;
        }
        let (a, b) = ((low - from[axis]) / step, (high - from[axis]) / step);
        (begin, end) = (begin.max(a.min(b)), end.min(a.max(b)));
    }
    begin < end
}

#[cfg(test)]
mod tests {
    use super::*;

    fn window() -> Window {
        Window::europe((0.0, 0.0), 400.0)
    }

    /// Wishes at places, each 60 × 14: how many found room, none on another.
    fn check(places: &[Px], expected: usize) {
        let wishes: Vec<Wish> = places.iter().map(|at| Wish { at: *at, radius: 4.0, width: 60.0, height: 14.0 }).collect();
        let found = stands(&wishes, &window(), &[]);
        assert_eq!(found.iter().flatten().count(), expected, "{places:?}");
        let rects: Vec<Rect> =
            found.iter().flatten().map(|stand| [stand.left, stand.top, stand.left + 60.0, stand.top + 14.0]).collect();
        for (index, rect) in rects.iter().enumerate() {
            assert!(rects[index + 1..].iter().all(|other| apart(*rect, *other, AIR)), "{rects:?}");
            assert!(places.iter().all(|at| apart(*rect, square(*at, 4.0), 1.0)), "{rects:?}");
            assert!(rect[0] >= 0.0 && rect[2] <= 400.0);
        }
    }

    #[test]
    fn labels_make_room_for_one_another() {
        check(&[[100.0, 100.0]], 1);
        check(&[[100.0, 100.0], [104.0, 102.0], [97.0, 96.0], [101.0, 108.0]], 4);
        check(&[[2.0, 2.0], [398.0, 398.0]], 2);
        // At one place are more than there is room for: the rest is left to the legend, and nothing overlaps.
        let wishes: Vec<Wish> = (0..200).map(|_| Wish { at: [200.0, 200.0], radius: 0.0, width: 60.0, height: 14.0 }).collect();
        let found = stands(&wishes, &window(), &[]);
        assert!((3..200).contains(&found.iter().flatten().count()));
    }

    #[test]
    fn what_is_taken_stays_free() {
        let wish = Wish { at: [100.0, 100.0], radius: 4.0, width: 60.0, height: 14.0 };
        let found = stands(&[wish], &window(), &[[104.0, 80.0, 200.0, 120.0]]);
        assert!(found[0].is_some_and(|stand| stand.left < 100.0), "{found:?}");
    }
}
