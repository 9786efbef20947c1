//! Node arithmetic against recursion, and at the edge of 64 bits.

mod common;

use common::{split, subsets};
use tallystick_proof::geometry::{
    Climb, Grid, NodeId, Step, extension_plan, full_nodes, height, nodes, path_length, start_of,
};

fn id(level: u32, index: u64) -> NodeId {
    NodeId { level, index }
}

/// The canonical name of the node over leaves `[begin, end)`: full ones only need their size.
fn name(begin: u64, end: u64) -> (u64, u64) {
    (begin, end)
}

/// The leaves under a node by its canonical name.
fn span(node: NodeId, size: u64) -> (u64, u64) {
    let begin = node.index << node.level;
    name(begin, size.min(begin.saturating_add(1 << node.level)))
}

/// The siblings on the ways of some leaves, from the top down.
fn needed(indices: &[u64], (begin, end): (u64, u64), out: &mut Vec<(u64, u64)>) {
    if end - begin < 2 {
        return;
    }
    let middle = begin + split(end - begin);
    for part in [(begin, middle), (middle, end)] {
        if indices.iter().any(|index| (part.0..part.1).contains(index)) {
            needed(indices, part, out);
        } else {
            out.push(part);
        }
    }
}

const GRID: Grid = Grid::BINARY;

#[test]
fn plans_are_the_unknown_siblings() {
    for size in 1..=9 {
        for indices in subsets(size) {
            let found = GRID.plan(size, indices.clone()).unwrap_or_default();
            let mut spans: Vec<_> = found.iter().map(|node| span(*node, size)).collect();
            let mut expected = Vec::new();
            needed(&indices, (0, size), &mut expected);
            spans.sort_unstable();
            expected.sort_unstable();
            assert_eq!(spans, expected, "{indices:?}/{size}");
            assert_eq!(GRID.plan_length(size, indices.clone()), Some(expected.len() as u64));
            assert!(found.iter().all(|node| GRID.canonical(*node, size) == *node));
        }
        for wrong in [vec![], vec![size], vec![0, 0], vec![size, 0], vec![u64::MAX]] {
            assert_eq!((GRID.plan(size, wrong.clone()), GRID.plan_length(size, wrong)), (None, None));
        }
    }
    assert_eq!(GRID.plan(0, vec![0]), None);
    assert_eq!(GRID.plan(7, vec![0, 1, 6]), Some(vec![id(1, 1), id(1, 2)]));
    assert_eq!(GRID.plan(6, vec![0]), Some(vec![id(0, 1), id(1, 1), id(1, 2)]));
}

#[test]
fn names_of_nodes_that_moved_up() {
    assert_eq!(GRID.canonical(id(1, 3), 7), id(0, 6));
    assert_eq!(GRID.canonical(id(2, 1), 5), id(0, 4));
    assert_eq!(GRID.canonical(id(2, 1), 6), id(1, 2));
    assert_eq!(GRID.canonical(id(2, 1), 7), id(2, 1));
    assert_eq!(GRID.canonical(id(1, 2), 7), id(1, 2));
    assert_eq!(GRID.canonical(id(0, 6), 7), id(0, 6));
    assert_eq!(GRID.canonical(id(63, 1), (1 << 63) + 1), id(0, 1 << 63));
    assert_eq!(GRID.canonical(id(64, 0), u64::MAX), id(64, 0));
    assert_eq!(GRID.canonical(id(64, 0), 1), id(0, 0));
    for size in 1..40 {
        for (level, index) in (0..7).flat_map(|level| (0..nodes(size, level)).map(move |index| (level, index))) {
            let lowest = GRID.canonical(id(level, index), size);
            assert_eq!(span(lowest, size), span(id(level, index), size));
            assert!(lowest.level == 0 || span(id(lowest.level - 1, lowest.index * 2), size) != span(lowest, size));
        }
    }
}

#[test]
fn sizes_of_levels() {
    for size in 0..300_u64 {
        for level in 0..12 {
            assert_eq!(full_nodes(size, level), size >> level);
            assert_eq!(nodes(size, level), size.div_ceil(1 << level));
        }
        let tall = (0..64).find(|level| nodes(size, *level) <= 1);
        assert_eq!(Some(height(size)), tall);
    }
    assert_eq!((full_nodes(u64::MAX, 63), full_nodes(u64::MAX, 64), full_nodes(u64::MAX, 200)), (1, 0, 0));
    assert_eq!((nodes(u64::MAX, 64), nodes(u64::MAX, 200), nodes(0, 0)), (1, 1, 0));
    assert_eq!((height(u64::MAX), height(1 << 63), height((1 << 63) + 1)), (64, 63, 64));
}

#[test]
fn lengths_of_paths() {
    for size in 1..200 {
        for index in 0..size {
            let mut expected = Vec::new();
            needed(&[index], (0, size), &mut expected);
            assert_eq!(path_length(index, size) as usize, expected.len(), "{index}/{size}");
        }
    }
    assert_eq!((path_length(0, u64::MAX), path_length(u64::MAX - 1, u64::MAX)), (64, 63));
    assert_eq!((path_length(0, 1 << 63), path_length(1 << 63, (1 << 63) + 1)), (63, 1));
    // Beyond the tree nothing is promised but that it ends.
    assert!(path_length(u64::MAX, 1) <= 128 && path_length(0, 0) == 0 && path_length(u64::MAX, 0) <= 128);
}

/// SUBPROOF(older, newer), from the top down.
fn grown(older: u64, (begin, end): (u64, u64), out: &mut Vec<((u64, u64), bool)>) {
    if older == end {
        return;
    }
    let middle = begin + split(end - begin);
    if older <= middle {
        out.push(((middle, end), false));
        grown(older, (begin, middle), out);
    } else {
        out.push(((begin, middle), true));
        grown(older, (middle, end), out);
    }
}

#[test]
fn growth_follows_the_definition() {
    for newer in 1..70 {
        for older in 1..newer {
            let found = extension_plan(older, newer).unwrap_or_default();
            let found: Vec<_> = found.into_iter().map(|(node, in_older)| (span(node, newer), in_older)).collect();
            let mut expected = Vec::new();
            grown(older, (0, newer), &mut expected);
            expected.reverse();
            assert_eq!(found, expected, "{older} to {newer}");
            let (begin, end) = span(start_of(older), older);
            assert!(end == older && (end - begin).is_power_of_two() && begin % (end - begin) == 0);
        }
        assert_eq!((extension_plan(0, newer), extension_plan(newer, newer)), (None, None));
        assert_eq!(extension_plan(newer + 1, newer), None);
    }
    assert_eq!((start_of(0), start_of(1), start_of(6), start_of(8)), (id(0, 0), id(0, 0), id(1, 2), id(3, 0)));
    assert_eq!((start_of(1 << 63), start_of(u64::MAX)), (id(63, 0), id(0, u64::MAX - 1)));
    assert_eq!(extension_plan(1 << 63, u64::MAX).map(|plan| plan.len()), Some(1));
    assert_eq!(extension_plan(1, u64::MAX).map(|plan| plan.len()), Some(64));
    assert_eq!(extension_plan(u64::MAX - 1, u64::MAX).map(|plan| plan.len()), Some(63));
}

#[test]
fn steps_of_the_picture() {
    let both = |parent| Step { parent, known: 3, present: 3 };
    let right = |parent| Step { parent, known: 2, present: 3 };
    let alone = |parent| Step { parent, known: 1, present: 1 };
    let left = Step { parent: 0, known: 1, present: 3 };
    let mut climb = Climb::new(GRID, 7, vec![0, 1, 3, 6]).unwrap_or_else(|| unreachable!());
    let mut steps = Vec::new();
    assert!(climb.up(&mut steps));
    assert_eq!((&steps[..], climb.known()), (&[both(0), right(1), alone(3)][..], &[0, 1, 3][..]));
    assert!(climb.up(&mut steps));
    assert_eq!((&steps[..], climb.known()), (&[both(0), right(1)][..], &[0, 1][..]));
    assert!(climb.up(&mut steps));
    assert_eq!((&steps[..], climb.known()), (&[both(0)][..], &[0][..]));
    assert!(!climb.up(&mut steps));
    assert!(steps.is_empty());
    let mut climb = Climb::new(GRID, 3, vec![0]).unwrap_or_else(|| unreachable!());
    assert!(climb.up(&mut steps) && steps == [left]);
}
