//! The Lambert azimuthal equal-area projection on the GRS80 ellipsoid, after Snyder, Map Projections: A Working
//! Manual (USGS 1987), equations 3-12 to 3-18 and 24-17 to 24-30. With [`Laea::EUROPE`] it is EPSG:3035.
//!
//! Equal areas: a region's colour weighs as much on paper as the region does on the ground. Draws nothing.

/// Major axis of GRS80, metres.
const A: f64 = 6_378_137.0;
/// Square of its eccentricity.
const E2: f64 = 0.006_694_380_022_903_416;

/// A projection with its centre and the coordinates given to the centre.
#[derive(Debug, Clone, Copy)]
pub struct Laea {
    lon0: f64,
    beta0: f64,
    /// Radius of the sphere of equal area.
    rq: f64,
    d: f64,
    east: f64,
    north: f64,
}

impl Laea {
    /// ETRS89-LAEA, EPSG:3035: centre 10° E 52° N.
    pub fn europe() -> Self {
        Self::new((10.0, 52.0), (4_321_000.0, 3_210_000.0))
    }

    /// Centre as longitude and latitude in degrees, and the metres it gets.
    pub fn new((lon0, lat0): (f64, f64), (east, north): (f64, f64)) -> Self {
        let phi = lat0.to_radians();
        let rq = A * (q(1.0) / 2.0).sqrt();
        let beta0 = beta(phi);
        let d = A * phi.cos() / ((1.0 - E2 * phi.sin().powi(2)).sqrt() * rq * beta0.cos());
        Self { lon0: lon0.to_radians(), beta0, rq, d, east, north }
    }

    /// Degrees to metres east and north; `None` for the point opposite of the centre and for what is no coordinate.
    pub fn forward(&self, [lon, lat]: [f64; 2]) -> Option<[f64; 2]> {
        let (beta, turn) = (beta(lat.to_radians()), lon.to_radians() - self.lon0);
        let along = 1.0 + self.beta0.sin() * beta.sin() + self.beta0.cos() * beta.cos() * turn.cos();
        let b = self.rq * (2.0 / along).sqrt();
        let x = self.east + b * self.d * beta.cos() * turn.sin();
        let y = self.north + b / self.d * (self.beta0.cos() * beta.sin() - self.beta0.sin() * beta.cos() * turn.cos());
        (along > 1e-9 && x.is_finite() && y.is_finite()).then_some([x, y])
    }

    /// Metres to degrees; `None` outside of the projection's disc.
    pub fn inverse(&self, [x, y]: [f64; 2]) -> Option<[f64; 2]> {
        let (x, y) = (x - self.east, y - self.north);
        let rho = (x / self.d).hypot(self.d * y);
        if rho < 1e-9 {
            let lat = latitude(self.beta0);
            return Some([self.lon0.to_degrees(), lat.to_degrees()]);
        }
        let c = 2.0 * (rho / (2.0 * self.rq)).asin();
        let beta = (c.cos() * self.beta0.sin() + self.d * y * c.sin() * self.beta0.cos() / rho).asin();
        let turn =
            (x * c.sin()).atan2(self.d * rho * self.beta0.cos() * c.cos() - self.d * self.d * y * self.beta0.sin() * c.sin());
        let (lon, lat) = ((self.lon0 + turn).to_degrees(), latitude(beta).to_degrees());
        (lon.is_finite() && lat.is_finite()).then_some([lon, lat])
    }
}

/// Snyder 3-12, of the sine of a latitude.
fn q(sine: f64) -> f64 {
    let e = E2.sqrt();
    (1.0 - E2) * (sine / (1.0 - E2 * sine * sine) - ((1.0 - e * sine) / (1.0 + e * sine)).ln() / (2.0 * e))
}

/// The authalic latitude.
fn beta(phi: f64) -> f64 {
    (q(phi.sin()) / q(1.0)).clamp(-1.0, 1.0).asin()
}

/// The latitude of an authalic one (3-18); below a millimetre's error.
fn latitude(beta: f64) -> f64 {
    let (e4, e6) = (E2 * E2, E2 * E2 * E2);
    beta + (E2 / 3.0 + 31.0 * e4 / 180.0 + 517.0 * e6 / 5040.0) * (2.0 * beta).sin()
        + (23.0 * e4 / 360.0 + 251.0 * e6 / 3780.0) * (4.0 * beta).sin()
        + 761.0 * e6 / 45360.0 * (6.0 * beta).sin()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(lon: f64, lat: f64, east: f64, north: f64) {
        let [x, y] = Laea::europe().forward([lon, lat]).unwrap();
        assert!((x - east).abs() < 0.01 && (y - north).abs() < 0.01, "{lon} {lat}: {x:.3} {y:.3}");
        let [back_lon, back_lat] = Laea::europe().inverse([x, y]).unwrap();
        assert!((back_lon - lon).abs() < 1e-8 && (back_lat - lat).abs() < 1e-8, "{lon} {lat}: {back_lon} {back_lat}");
    }

    #[test]
    fn the_point_of_the_epsg_guidance_note() {
        check(5.0, 50.0, 3_962_799.45, 2_999_718.85);
        check(10.0, 52.0, 4_321_000.0, 3_210_000.0);
    }

    #[test]
    fn there_and_back() {
        for centre in [(10.0, 52.0), (-15.6, 28.3), (-53.0, 4.0), (55.5, -21.1), (0.0, 0.0)] {
            let laea = Laea::new(centre, (0.0, 0.0));
            for step in 0..400 {
                let (dlon, dlat) = (f64::from(step % 20) * 2.0 - 19.0, f64::from(step / 20) * 2.0 - 19.0);
                let point = [centre.0 + dlon, centre.1 + dlat];
                let back = laea.inverse(laea.forward(point).unwrap()).unwrap();
                assert!((back[0] - point[0]).abs() < 1e-7 && (back[1] - point[1]).abs() < 1e-7, "{centre:?} {point:?} {back:?}");
            }
        }
    }

    #[test]
    fn what_cannot_be_projected_is_nothing() {
        assert_eq!(Laea::europe().forward([190.0, -52.0]), None);
        assert_eq!(Laea::europe().forward([f64::NAN, 50.0]), None);
        assert_eq!(Laea::europe().inverse([9e9, 0.0]), None);
    }

    #[test]
    fn areas_are_kept() {
        // A cell of a hundredth of a degree, in the far south and in the far north of the frame.
        for (lon, lat) in [(-9.0, 36.0), (28.0, 71.0), (33.0, 35.0)] {
            let laea = Laea::europe();
            let corner = |dx: f64, dy: f64| laea.forward([lon + dx, lat + dy]).unwrap();
            let ([x0, y0], [x1, y1], [x2, y2], [x3, y3]) =
                (corner(0.0, 0.0), corner(0.01, 0.0), corner(0.01, 0.01), corner(0.0, 0.01));
            let drawn = ((x2 - x0) * (y3 - y1) - (x3 - x1) * (y2 - y0)).abs() / 2.0;
            let (low, high) = (lat.to_radians().sin(), (lat + 0.01).to_radians().sin());
            let true_area = A * A * 0.01_f64.to_radians() * (q(high) - q(low)) / 2.0;
            assert!((drawn / true_area - 1.0).abs() < 1e-5, "{lat}: {drawn} {true_area}");
        }
    }
}
