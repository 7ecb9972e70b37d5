//! Small dense symmetric systems: cross products of a design, and their inverse by Cholesky's factors with a check of rank.
//! Some hundred rows by ten columns; no library is worth that.

/// A square matrix by rows.
pub type Square = Vec<Vec<f64>>;

/// Below this share of a column's own sum of squares, what the columns before it leave of it is rounding.
const RANK: f64 = 1e-11;

/// X'WX of rows of X and the diagonal of W: as wide as a row. Zero-sized without rows.
pub fn cross(rows: &[&[f64]], weights: &[f64]) -> Square {
    let size = rows.first().map_or(0, |row| row.len());
    let mut square = vec![vec![0.0; size]; size];
    for (row, weight) in rows.iter().zip(weights) {
        for (left, cells) in row.iter().zip(&mut square) {
            for (right, cell) in row.iter().zip(cells) {
                *cell += weight * left * right;
            }
        }
    }
    square
}

/// The product with a vector.
pub fn times(square: &Square, vector: &[f64]) -> Vec<f64> {
    square.iter().map(|row| dot(row, vector)).collect()
}

/// v'Mv.
pub fn quadratic(square: &Square, vector: &[f64]) -> f64 {
    dot(&times(square, vector), vector)
}

/// The product of two square matrices of one size.
pub fn product(left: &Square, right: &Square) -> Square {
    let column = |at: usize| right.iter().map(|row| row[at]).collect::<Vec<f64>>();
    let columns: Vec<Vec<f64>> = (0..right.len()).map(column).collect();
    left.iter().map(|row| columns.iter().map(|column| dot(row, column)).collect()).collect()
}

pub fn trace(square: &Square) -> f64 {
    square.iter().enumerate().map(|(at, row)| row[at]).sum()
}

/// The inverse of a symmetric positive definite matrix, by Cholesky's factor of its correlations.
///
/// # Errors
/// With the indices of columns that depend on one another: one of them is a sum of multiples of the others, or is zero.
pub fn inverse(square: &Square) -> Result<Square, Vec<usize>> {
    let size = square.len();
    let mut scale = Vec::with_capacity(size);
    for (at, row) in square.iter().enumerate() {
        // Not `<=`: a NaN is no positive number either.
        if !(row[at] > 0.0 && row[at].is_finite()) {
            return Err(vec![at]);
        }
        scale.push(row[at].sqrt());
    }
    let mut lower = vec![vec![0.0; size]; size];
    for row in 0..size {
        for column in 0..=row {
            let before: f64 = (0..column).map(|at| lower[row][at] * lower[column][at]).sum();
            let left = square[row][column] / (scale[row] * scale[column]) - before;
            lower[row][column] = if column < row { left / lower[column][column] } else { left };
        }
        if lower[row][row].is_nan() || lower[row][row] <= RANK {
            return Err(dependent(&lower, row));
        }
        lower[row][row] = lower[row][row].sqrt();
    }
    // The factor's inverse, rows up to the diagonal.
    let mut below: Square = Vec::with_capacity(size);
    for (row, factors) in lower.iter().enumerate() {
        let cell = |column: usize| {
            let own = if row == column { 1.0 } else { 0.0 };
            let before: f64 = (column..row).map(|at| factors[at] * below[at][column]).sum();
            (own - before) / factors[row]
        };
        let cells = (0..=row).map(cell).collect();
        below.push(cells);
    }
    let cell = |row: usize, column: usize| {
        let sum: f64 = (row.max(column)..size).map(|at| below[at][row] * below[at][column]).sum();
        sum / (scale[row] * scale[column])
    };
    Ok((0..size).map(|row| (0..size).map(|column| cell(row, column)).collect()).collect())
}

/// The columns of which `row` is a sum of multiples, and itself: the solution of the factor's transpose.
fn dependent(lower: &Square, row: usize) -> Vec<usize> {
    let mut factors = vec![0.0; row];
    for at in (0..row).rev() {
        let after: f64 = (at + 1..row).map(|later| lower[later][at] * factors[later]).sum();
        factors[at] = (lower[row][at] - after) / lower[at][at];
    }
    let parts = factors.iter().enumerate().filter(|(_, factor)| factor.abs() > 1e-6).map(|(at, _)| at);
    parts.chain([row]).collect()
}

/// Σ left · right over the shorter of the two.
pub fn dot(left: &[f64], right: &[f64]) -> f64 {
    left.iter().zip(right).map(|(left, right)| left * right).sum()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(square: &[&[f64]], expected: Result<&[&[f64]], &[usize]>) {
        let square: Square = square.iter().map(|row| row.to_vec()).collect();
        match (inverse(&square), expected) {
            (Ok(found), Ok(expected)) => {
                for (found, expected) in found.iter().flatten().zip(expected.iter().copied().flatten()) {
                    assert!((found - expected).abs() < 1e-12, "{found} is not {expected}");
                }
            }
            (Err(found), Err(expected)) => assert_eq!(found, expected),
            (found, expected) => panic!("{found:?}, expected {expected:?}"),
        }
    }

    #[test]
    fn inverses() {
        check(&[&[4.0]], Ok(&[&[0.25]]));
        check(&[&[4.0, 2.0], &[2.0, 3.0]], Ok(&[&[0.375, -0.25], &[-0.25, 0.5]]));
        check(&[], Ok(&[]));
    }

    #[test]
    fn ranks() {
        check(&[&[0.0]], Err(&[0]));
        check(&[&[1.0, 2.0], &[2.0, 4.0]], Err(&[0, 1]));
        check(&[&[f64::NAN]], Err(&[0]));
        // The third of these is the sum of the first two, the middle one stands alone.
        let rows: [&[f64]; 4] = [&[1.0, 5.0, 0.0, 1.0], &[0.0, 1.0, 1.0, 1.0], &[1.0, 2.0, 1.0, 2.0], &[3.0, 1.0, 4.0, 7.0]];
        assert_eq!(inverse(&cross(&rows, &[1.0; 4])), Err(vec![0, 2, 3]));
    }

    proptest! {
        #[test]
        fn inverse_times_itself(cells in prop::collection::vec(-9.0_f64..9.0, 12), scale in 1e-4_f64..1e4) {
            let rows: Vec<Vec<f64>> = cells.chunks(3).map(|row| vec![row[0], row[1] * scale, row[2]]).collect();
            let rows: Vec<&[f64]> = rows.iter().map(Vec::as_slice).collect();
            let square = cross(&rows, &[1.0, 2.0, 0.5, 1.0]);
            if let Ok(inverse) = inverse(&square) {
                let scaled = |row: usize, column: usize| (square[row][row] / square[column][column]).sqrt();
                for (row, cells) in product(&square, &inverse).iter().enumerate() {
                    for (column, cell) in cells.iter().enumerate() {
                        let expected = if row == column { 1.0 } else { 0.0 };
                        prop_assert!((cell - expected).abs() / scaled(row, column) < 1e-3, "{cell} {row} {column}");
                    }
                }
            }
        }
    }
}
