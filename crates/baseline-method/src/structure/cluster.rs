//! Which cases resemble one another: Ward's hierarchy with its merge heights, k-means from many fixed starts, and the
//! silhouette of either.
//!
//! A cluster analysis always finds groups, also where there are none: with nine territories the dendrogram is the result,
//! and a cut of it an illustration.

use super::agreement::agreement;
use super::columns::unused;
use super::grouping;
use crate::Fault;
use crate::method::{Answer, Cell, Column, Given, Method, Param};
use crate::random::Random;

/// One merge of Ward's hierarchy.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Merge {
    /// Cases are 0 to n − 1; the cluster made by merge i is n + i. The smaller first.
    pub pair: [usize; 2],
    /// How much the sum of squares within clusters grows.
    pub increase: f64,
    /// Cases in the merged cluster.
    pub size: usize,
}

impl Merge {
    /// √(2·increase): the height on Euclidean distances, as of `ward.D2` in R and of `ward` in SciPy. Its square is the
    /// height on squared distances.
    pub fn height(&self) -> f64 {
        (2.0 * self.increase).sqrt()
    }
}

/// z-scores of each column with n − 1; `names` of the columns are for messages.
///
/// # Errors
/// With fewer than two cases, a number that is not finite, or a column without spread.
pub fn standardise(points: &[Vec<f64>], names: &[String]) -> Result<Vec<Vec<f64>>, Fault> {
    checked(points)?;
    let n = points.len() as f64;
    let mut scores = points.to_vec();
    for column in 0..points[0].len() {
        let mean = points.iter().map(|point| point[column]).sum::<f64>() / n;
        let sd = (points.iter().map(|point| (point[column] - mean).powi(2)).sum::<f64>() / (n - 1.0)).sqrt();
        if sd <= 1e-12 * mean.abs() || sd == 0.0 {
            return Err(Fault::Equal {
                at: format!("column {}", names.get(column).map_or("", String::as_str)),
                value: points[0][column],
            });
        }
        for point in &mut scores {
            point[column] = (point[column] - mean) / sd;
        }
    }
    Ok(scores)
}

/// Ward's minimum-variance hierarchy on squared Euclidean distances, n − 1 merges. Equal candidates: the earlier cases first.
/// Ward 1963, with the recurrence of Lance and Williams 1967.
///
/// # Errors
/// With fewer than two points, points of different length, or a number that is not finite.
pub fn ward(points: &[Vec<f64>]) -> Result<Vec<Merge>, Fault> {
    checked(points)?;
    let n = points.len();
    // Increase of the sum of squares by joining two clusters that are still there; the slot of a joined cluster is reused.
    let mut cost: Vec<Vec<f64>> = points.iter().map(|a| points.iter().map(|b| squared(a, b) / 2.0).collect()).collect();
    let mut clusters: Vec<Option<(usize, usize)>> = (0..n).map(|case| Some((case, 1))).collect();
    let mut merges = Vec::with_capacity(n - 1);
    for step in 0..n - 1 {
        let mut best: Option<(usize, usize)> = None;
        for a in 0..n {
            for b in a + 1..n {
                let lower = best.is_none_or(|(c, d)| crate::rank::order(cost[a][b], cost[c][d]).is_lt());
                if clusters[a].is_some() && clusters[b].is_some() && lower {
                    best = Some((a, b));
                }
            }
        }
        let Some((a, b)) = best else { break };
        let (Some((id_a, size_a)), Some((id_b, size_b))) = (clusters[a], clusters[b]) else { break };
        let increase = cost[a][b];
        for other in 0..n {
            let Some((_, size)) = clusters[other].filter(|_| other != a && other != b) else { continue };
            let (of_a, of_b, of_other) = (size_a as f64, size_b as f64, size as f64);
            let joined = ((of_a + of_other) * cost[a][other] + (of_b + of_other) * cost[b][other] - of_other * increase)
                / (of_a + of_b + of_other);
            cost[a][other] = joined;
            cost[other][a] = joined;
        }
        clusters[a] = Some((n + step, size_a + size_b));
        clusters[b] = None;
        merges.push(Merge { pair: [id_a.min(id_b), id_a.max(id_b)], increase: increase.max(0.0), size: size_a + size_b });
    }
    Ok(merges)
}

/// The cluster of each of n cases when the hierarchy is cut into k; numbered from 0 in the order of their first cases.
pub fn cut(merges: &[Merge], k: usize) -> Vec<usize> {
    let n = merges.len() + 1;
    let mut of: Vec<usize> = (0..n).collect();
    for (step, merge) in merges.iter().enumerate().take(n.saturating_sub(k)) {
        of.iter_mut().filter(|cluster| merge.pair.contains(cluster)).for_each(|cluster| *cluster = n + step);
    }
    renumbered(&of)
}

/// Groups of k-means and their sum of squares.
#[derive(Debug, Clone, PartialEq)]
pub struct Means {
    /// Numbered from 0 in the order of their first cases.
    pub clusters: Vec<usize>,
    /// Sum of squared distances to the means.
    pub within: f64,
    /// Starts that ended in this sum of squares.
    pub agreeing: usize,
}

/// k-means (Lloyd 1982) from Ward's clusters and from `starts` further beginnings chosen as by Arthur and Vassilvitskii 2007
/// with a fixed seed; the one with the least sum of squares, so never a worse one than Ward's.
///
/// # Errors
/// As [`ward`]; when k is below 1 or above the number of cases, or when no start settles in `rounds` rounds.
pub fn k_means(points: &[Vec<f64>], k: usize, starts: u64, seed: u64, rounds: usize) -> Result<Means, Fault> {
    checked(points)?;
    in_range(k, points.len())?;
    let (mut best, mut moved): (Option<Means>, usize) = (None, 0);
    let hierarchy = means(points, &cut(&ward(points)?, k));
    for start in 0..=starts {
        let mut draws = Random::new(seed, start, 0);
        let first = if start == 0 { hierarchy.clone() } else { first_means(points, k, &mut draws) };
        let settled = lloyd(points, first, rounds);
        let (clusters, within) = match settled {
            Ok(found) => found,
            Err(left) => {
                moved = left;
                continue;
            }
        };
        let clusters = renumbered(&clusters);
        match &mut best {
            Some(best) if crate::rank::order(within, best.within).is_eq() => best.agreeing += 1,
            Some(best) if within > best.within => {}
            _ => best = Some(Means { clusters, within, agreeing: 1 }),
        }
    }
    best.ok_or(Fault::NotConverged {
        at: "k-means, cases that changed".into(),
        iterations: rounds,
        last: moved as f64,
        limit: 0.0,
    })
}

/// The silhouette of each case on Euclidean distances, −1 to 1; 0 for a case alone in its cluster. Rousseeuw 1987.
pub fn silhouettes(points: &[Vec<f64>], clusters: &[usize]) -> Vec<f64> {
    let k = clusters.iter().max().map_or(0, |last| last + 1);
    let of = |case: usize| {
        let (mut sums, mut sizes) = (vec![0.0; k], vec![0_usize; k]);
        for other in (0..points.len()).filter(|other| *other != case) {
            sums[clusters[other]] += squared(&points[case], &points[other]).sqrt();
            sizes[clusters[other]] += 1;
        }
        let own = clusters[case];
        if sizes[own] == 0 {
            return 0.0;
        }
        let inside = sums[own] / sizes[own] as f64;
        let others = (0..k).filter(|cluster| *cluster != own && sizes[*cluster] > 0);
        let nearest = others.map(|cluster| sums[cluster] / sizes[cluster] as f64).reduce(f64::min);
        nearest.map_or(0.0, |nearest| if nearest.max(inside) > 0.0 { (nearest - inside) / nearest.max(inside) } else { 0.0 })
    };
    (0..points.len()).map(of).collect()
}

/// Sum of squared distances to the means of the clusters.
pub fn within(points: &[Vec<f64>], clusters: &[usize]) -> f64 {
    let means = means(points, clusters);
    points.iter().zip(clusters).map(|(point, cluster)| squared(point, &means[*cluster])).sum()
}

/// The mean of each cluster.
pub fn means(points: &[Vec<f64>], clusters: &[usize]) -> Vec<Vec<f64>> {
    let k = clusters.iter().max().map_or(0, |last| last + 1);
    let width = points.first().map_or(0, Vec::len);
    let mean = |wanted: usize| {
        let members = || points.iter().zip(clusters).filter(move |(_, cluster)| **cluster == wanted).map(|(point, _)| point);
        let size = members().count() as f64;
        (0..width).map(|column| members().map(|point| point[column]).sum::<f64>() / size).collect()
    };
    (0..k).map(mean).collect()
}

fn checked(points: &[Vec<f64>]) -> Result<(), Fault> {
    if points.len() < 2 {
        return Err(Fault::Few { at: "cases".into(), found: points.len(), least: 2 });
    }
    let width = points[0].len();
    if let Some(odd) = points.iter().find(|point| point.len() != width) {
        return Err(Fault::shape("cases", format!("{width} numbers"), odd.len().to_string(), "the same indicators for all"));
    }
    match points.iter().flatten().find(|number| !number.is_finite()) {
        Some(wrong) => Err(Fault::number("cases", "a finite number", wrong)),
        None => Ok(()),
    }
}

fn in_range(k: usize, cases: usize) -> Result<(), Fault> {
    if (1..=cases).contains(&k) {
        Ok(())
    } else {
        Err(Fault::shape("k", format!("1 to {cases}, the number of cases"), k.to_string(), "fewer clusters than cases"))
    }
}

fn squared(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| (a - b).powi(2)).sum()
}

fn renumbered(clusters: &[usize]) -> Vec<usize> {
    let mut seen: Vec<usize> = Vec::new();
    let number = |cluster: &usize| {
        seen.iter().position(|other| other == cluster).unwrap_or_else(|| {
            seen.push(*cluster);
            seen.len() - 1
        })
    };
    clusters.iter().map(number).collect()
}

/// Moves cases to the nearest mean until none moves; the number that still moved when it does not end.
fn lloyd(points: &[Vec<f64>], mut centres: Vec<Vec<f64>>, rounds: usize) -> Result<(Vec<usize>, f64), usize> {
    let mut clusters = vec![usize::MAX; points.len()];
    let mut moved = points.len();
    for _ in 0..rounds {
        let nearest = |point: &Vec<f64>| {
            let distance = |centre: &usize| squared(point, &centres[*centre]);
            (0..centres.len()).min_by(|a, b| distance(a).total_cmp(&distance(b))).unwrap_or_default()
        };
        let next: Vec<usize> = points.iter().map(nearest).collect();
        moved = next.iter().zip(&clusters).filter(|(next, last)| next != last).count();
        if moved == 0 {
            return Ok((clusters.clone(), points.iter().zip(&clusters).map(|(point, of)| squared(point, &centres[*of])).sum()));
        }
        clusters = next;
        for (cluster, centre) in centres.iter_mut().enumerate() {
            let members: Vec<&Vec<f64>> =
                points.iter().zip(&clusters).filter(|(_, of)| **of == cluster).map(|(p, _)| p).collect();
            // A centre without cases stays where it is.
            if !members.is_empty() {
                let size = members.len() as f64;
                *centre = (0..centre.len()).map(|column| members.iter().map(|point| point[column]).sum::<f64>() / size).collect();
            }
        }
    }
    Err(moved)
}

/// Centres among the points, each drawn with a chance that grows with the squared distance to those before.
fn first_means(points: &[Vec<f64>], k: usize, draws: &mut Random) -> Vec<Vec<f64>> {
    let mut chosen = vec![points[draws.choice(points.len())].clone()];
    while chosen.len() < k {
        let distance = |point: &Vec<f64>| chosen.iter().map(|centre| squared(point, centre)).fold(f64::INFINITY, f64::min);
        let distances: Vec<f64> = points.iter().map(distance).collect();
        let sum: f64 = distances.iter().sum();
        let mut left = draws.uniform() * sum;
        let drawn = distances.iter().position(|distance| {
            left -= distance;
            *distance > 0.0 && left <= 0.0
        });
        chosen.push(points[drawn.unwrap_or(points.len() - 1)].clone());
    }
    chosen
}

/// More cases than this would take minutes: every pair is looked at again and again.
const CASES: usize = 1_000;

pub const METHOD: Method = Method {
    id: "cluster",
    about: "Which territories resemble one another: Ward's dendrogram or k-means on z-scores, silhouettes, agreement with labels",
    formula: &[
        "z = (x − mean)/sd, sd with n − 1",
        "Ward: join the two clusters whose union raises the sum of squares W least; increase = ΔW",
        "height = √(2 ΔW), as ward.D2 in R and ward in SciPy; height_squared = 2 ΔW, on squared Euclidean distances",
        "k-means: least Σ |z − mean of the cluster|² of Ward's clusters as a start and of many starts with a fixed seed",
        "silhouette = (b − a)/max(a, b), a mean distance to the own cluster, b to the nearest other",
    ],
    sources: &[
        "Ward, Hierarchical grouping to optimize an objective function, JASA 58, 1963; Murtagh and Legendre, Journal of \
         Classification 31, 2014",
        "Lloyd, Least squares quantization in PCM, 1982; Arthur and Vassilvitskii, k-means++, 2007",
        "Rousseeuw, Silhouettes, Journal of Computational and Applied Mathematics 20, 1987",
    ],
    assumptions: &[
        "cluster analysis always finds a grouping (OECD/JRC Handbook 2008): look at the heights before believing a cut",
        "with nine territories at most three clusters",
        "every indicator counts the same; two that say the same count twice",
    ],
    columns: &[
        Column { name: "id", required: false, about: "name of the case" },
        Column { name: "label", required: false, about: "a known type, to compare with by the adjusted Rand index" },
        Column { name: "*", required: true, about: "indicators" },
    ],
    params: &[
        Param { name: "algorithm", default: "ward", file: false, about: "ward or kmeans" },
        Param { name: "k", default: "3", file: false, about: "number of clusters" },
        Param { name: "standardise", default: "yes", file: false, about: "yes: z-scores; no: numbers as they are" },
        Param { name: "show", default: "clusters", file: false, about: "clusters, merges (the dendrogram) or means" },
        Param { name: "missing", default: "refuse", file: false, about: "a case with a missing number: refuse, or leave_out" },
        Param { name: "starts", default: "100", file: false, about: "kmeans: number of starts" },
        Param { name: "seed", default: "1", file: false, about: "kmeans: seed of the starts" },
        Param { name: "iterations", default: "300", file: false, about: "kmeans: rounds of a start" },
    ],
    example: (include_str!("../../examples/cluster.csv"), &[]),
    compute,
};

fn compute(given: &Given<'_>) -> Result<Answer, Fault> {
    let algorithm = given.choice("algorithm", &["ward", "kmeans", "k-means"])?;
    let show = given.choice("show", &["clusters", "merges", "means"])?;
    let standard = given.choice("standardise", &["yes", "no"])? == "yes";
    let cases = grouping::read(given)?;
    let size = |name: &str| given.whole(name).map(|number| usize::try_from(number).unwrap_or(usize::MAX));
    let (k, rounds, n) = (size("k")?, size("iterations")?, cases.ids.len());
    if n > CASES {
        let hint = "cluster regions, not persons; or a sample of the cases";
        return Err(Fault::shape(&given.sheet.name, format!("at most {CASES} cases"), n.to_string(), hint));
    }
    let points = if standard {
        standardise(&cases.points, &cases.indicators).map_err(|fault| fault.within(&given.sheet.name))?
    } else {
        cases.points.clone()
    };
    in_range(k, n)
        .and(if k == 1 && show != "merges" { in_range(0, n) } else { Ok(()) })
        .map_err(|_| Fault::shape("--param k", format!("2 to {n}, the number of cases"), k.to_string(), "give fewer clusters"))?;
    let merges = ward(&points)?;
    let mut answer;
    if show == "merges" {
        answer = Answer::new(&["step", "left", "right", "members", "size", "increase", "height", "height_squared"]);
        grouping::merges(&mut answer, &cases, &merges);
        answer.notes.extend(unused(METHOD.id, &cases.unused));
        return Ok(answer);
    }
    let (clusters, agreeing) = if algorithm == "ward" {
        (cut(&merges, k), None)
    } else {
        let found = k_means(&points, k, given.whole("starts")?, given.whole("seed")?, rounds)?;
        (found.clusters, Some(found.agreeing))
    };
    let silhouette = silhouettes(&points, &clusters);
    if show == "means" {
        answer = Answer::new(&["cluster", "size", "members"]);
        grouping::means(&mut answer, &cases, &clusters, &points);
    } else {
        answer = Answer::new(&["id", "cluster", "silhouette"]);
        grouping::clusters(&mut answer, &cases, &clusters, &silhouette, standard.then_some(points.as_slice()));
    }
    let (inside, whole) = (within(&points, &clusters), within(&points, &vec![0; n]));
    answer.facts = vec![
        ("cases", Cell::whole(Some(n))),
        ("k", Cell::whole(Some(k))),
        ("within", Cell::from(inside)),
        ("total", Cell::from(whole)),
        ("explained", Cell::number((whole > 0.0).then(|| 1.0 - inside / whole))),
        ("silhouette", Cell::from(silhouette.iter().sum::<f64>() / n as f64)),
    ];
    if let Some(agreeing) = agreeing {
        answer.facts.push(("starts_agreeing", Cell::whole(Some(agreeing))));
    }
    if let Some(labels) = &cases.labels {
        let (own, theirs): (Vec<String>, Vec<&str>) = clusters
            .iter()
            .zip(labels)
            .filter(|(_, label)| !label.is_empty())
            .map(|(c, label)| (c.to_string(), label.as_str()))
            .unzip();
        let own: Vec<&str> = own.iter().map(String::as_str).collect();
        answer.facts.push(("adjusted_rand", Cell::from(agreement(&own, &theirs)?.adjusted)));
    }
    if n < 20 && k > 3 {
        let message = format!("{k} clusters of {n} cases: most of them are single cases");
        answer.notes.push(baseline_model::Finding::warning("many-clusters", METHOD.id, message).hint("at most 3 for so few"));
    }
    answer.notes.extend(unused(METHOD.id, &cases.unused));
    Ok(answer)
}

#[cfg(test)]
mod tests;
