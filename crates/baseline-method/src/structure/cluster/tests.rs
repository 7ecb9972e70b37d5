//! Tests of the clusters.

use proptest::prelude::*;

use super::*;
use crate::structure::tests::{answer, cell, fact, fault};

/// Merges by hand: {0}, {1}, {4}, {10} on a line.
#[test]
fn ward_by_hand() {
    let merges = ward(&[vec![0.0], vec![1.0], vec![4.0], vec![10.0]]).unwrap();
    let found: Vec<([usize; 2], f64, usize)> = merges.iter().map(|merge| (merge.pair, merge.increase, merge.size)).collect();
    // ΔW = nm/(n+m)·d²: 1/2·1; 2/3·3.5²; 3/4·(10 − 5/3)².
    let expected = [([0, 1], 0.5, 2), ([2, 4], 2.0 / 3.0 * 12.25, 3), ([3, 5], 0.75 * (25.0f64 / 3.0).powi(2), 4)];
    for (found, expected) in found.iter().zip(expected) {
        assert_eq!((found.0, found.2), (expected.0, expected.2));
        assert!((found.1 - expected.1).abs() < 1e-12, "{found:?}");
    }
    assert_eq!(cut(&merges, 2), [0, 0, 0, 1]);
    assert_eq!(cut(&merges, 3), [0, 0, 1, 2]);
    assert_eq!(cut(&merges, 1), [0, 0, 0, 0]);
    assert_eq!(cut(&merges, 4), [0, 1, 2, 3]);
}

#[test]
fn silhouette_by_hand() {
    let found = silhouettes(&[vec![0.0], vec![1.0], vec![10.0]], &[0, 0, 1]);
    assert_eq!(found, [0.9, (9.0 - 1.0) / 9.0, 0.0]);
}

const TEXT: &str = "territory,p,q,label\na,1,10,x\nb,2,11,x\nc,9,30,y\nd,10,31,y\ne,11,29,y\n";

#[test]
fn both_algorithms() {
    for algorithm in ["ward", "kmeans"] {
        let found = answer(&METHOD, TEXT, &[("k", "2"), ("algorithm", algorithm)]);
        let clusters: Vec<f64> = ["a", "b", "c", "d", "e"].iter().map(|id| cell(&found, &[id], "cluster")).collect();
        assert_eq!(clusters, [1.0, 1.0, 2.0, 2.0, 2.0], "{algorithm}");
        assert_eq!(fact(&found, "adjusted_rand"), 1.0);
        assert!(fact(&found, "silhouette") > 0.8);
    }
}

#[test]
fn tables() {
    let merges = answer(&METHOD, TEXT, &[("show", "merges"), ("standardise", "no")]);
    assert_eq!(merges.csv().lines().nth(1), Some("1,a,b,a; b,2,1,1.4142135623730951,2"));
    let means = answer(&METHOD, TEXT, &[("show", "means"), ("k", "2")]);
    assert!(means.csv().contains("\n1,2,a; b,1.5,10.5,"));
    // The sum of all increases is the total sum of squares.
    let total = fact(&answer(&METHOD, TEXT, &[("k", "2"), ("standardise", "no")]), "total");
    let sum: f64 = merges.rows.iter().map(|row| row[5].to_string().parse::<f64>().unwrap()).sum();
    assert!((sum - total).abs() < 1e-9);
}

#[test]
fn refused() {
    assert_eq!(fault(&METHOD, "id,p\na,1\n", &[]), "x.csv, cases without a missing number: 1 usable, at least 2 needed");
    assert_eq!(fault(&METHOD, "id,p,q\na,1,2\nb,1,3\nc,1,4\n", &[]), "x.csv, column p: no spread, both ends are 1");
    assert_eq!(fault(&METHOD, "id,p\na,1\nb,2\n", &[]), "--param k: expected 2 to 2, the number of cases, found 3");
    assert_eq!(fault(&METHOD, "id,p\na,1\nb,2\n", &[("k", "1")]), "--param k: expected 2 to 2, the number of cases, found 1");
    assert_eq!(fault(&METHOD, "id,p\na,1\nb,\nc,3\n", &[]), "x.csv, line 3, column p: expected a number, found an empty cell");
    assert_eq!(fault(&METHOD, "id,p,q\na,1,\nb,2,\n", &[]), "x.csv, numbers in column q: 0 usable, at least 2 needed");
    let stopped = fault(&METHOD, TEXT, &[("algorithm", "kmeans"), ("k", "2"), ("iterations", "1")]);
    assert_eq!(stopped, "k-means, cases that changed: no convergence after 1 iterations; the last error was 5, the limit is 0");
}

proptest! {
    #[test]
    fn hierarchy(points in prop::collection::vec(prop::collection::vec(-50.0f64..50.0, 3), 2..15), shift in -10.0f64..10.0) {
        let merges = ward(&points).unwrap();
        prop_assert_eq!(merges.len(), points.len() - 1);
        prop_assert!(merges.windows(2).all(|pair| pair[1].increase >= pair[0].increase - 1e-9));
        let total: f64 = merges.iter().map(|merge| merge.increase).sum();
        prop_assert!((total - within(&points, &vec![0; points.len()])).abs() < 1e-7 * (1.0 + total));
        let moved: Vec<Vec<f64>> = points.iter().map(|point| point.iter().map(|x| x + shift).collect()).collect();
        for k in 1..=points.len() {
            let clusters = cut(&merges, k);
            prop_assert_eq!(clusters.iter().max().unwrap() + 1, k);
            prop_assert!(silhouettes(&points, &clusters).iter().all(|s| (-1.0..=1.0).contains(s)));
        }
        prop_assert_eq!(cut(&ward(&moved).unwrap(), 2), cut(&merges, 2));
    }

    #[test]
    fn means_are_no_worse_than_ward(points in prop::collection::vec(prop::collection::vec(-50.0f64..50.0, 2), 3..10)) {
        let found = k_means(&points, 3, 200, 1, 300).unwrap();
        let hierarchy = within(&points, &cut(&ward(&points).unwrap(), 3));
        prop_assert!(found.within <= hierarchy * (1.0 + 1e-9) + 1e-9);
        prop_assert_eq!(k_means(&points, 3, 200, 1, 300).unwrap(), found);
    }
}
