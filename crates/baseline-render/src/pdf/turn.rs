//! Which pages are turned by a quarter: only those whose tables need it, and with the text that leads to them.

use super::page::{Node, SpanView};

/// Text before a wide table that moves to its turned page with it, at most; letters.
const LEAD: usize = 2500;

/// Puts runs of wide tables on turned pages, with the text that leads to them, so that no page is left nearly empty.
pub(super) fn turned(nodes: Vec<Node>) -> Vec<Node> {
    let wide = |node: &Node| match node {
        Node::Table(table) => table.wide,
        Node::Data(data) => data.table.as_ref().is_some_and(|table| table.wide),
        Node::Heading { .. }
        | Node::Paragraph { .. }
        | Node::List { .. }
        | Node::Note { .. }
        | Node::Figure(_)
        | Node::Wide { .. } => false,
    };
    let opens = |node: &Node| matches!(node, Node::Heading { level: 1, .. });
    let mut turn = vec![false; nodes.len()];
    let mut section = 0;
    for index in 0..nodes.len() {
        if opens(&nodes[index]) {
            section = index;
        }
        if !wide(&nodes[index]) {
            continue;
        }
        turn[index] = true;
        let before = (section..index).rev().find(|earlier| !leads(&nodes[*earlier]));
        let start = before.map_or(section, |earlier| earlier + 1);
        let letters: usize = nodes[start..index].iter().map(letters).sum();
        if letters <= LEAD {
            turn[start..index].fill(true);
        }
        // What stands between two wide tables of one section stays with them, unless it is a figure.
        if let Some(last) = (section..index).rev().find(|earlier| wide(&nodes[*earlier]))
            && nodes[last..index].iter().all(|node| !matches!(node, Node::Figure(_)))
        {
            turn[last..index].fill(true);
        }
    }
    let mut out = Vec::new();
    let mut run = Vec::new();
    for (node, turned) in nodes.into_iter().zip(turn) {
        if turned {
            run.push(node);
            continue;
        }
        if !run.is_empty() {
            out.push(Node::Wide { nodes: std::mem::take(&mut run) });
        }
        out.push(node);
    }
    if !run.is_empty() {
        out.push(Node::Wide { nodes: run });
    }
    out
}

/// Text that can stand before a table.
fn leads(node: &Node) -> bool {
    matches!(node, Node::Heading { .. } | Node::Paragraph { .. } | Node::List { .. } | Node::Note { .. })
}

fn letters(node: &Node) -> usize {
    let of = |spans: &[SpanView]| -> usize {
        spans
            .iter()
            .map(|span| match span {
                SpanView::Plain { s }
                | SpanView::Strong { s }
                | SpanView::Number { s, .. }
                | SpanView::Link { s, .. }
                | SpanView::Reference { s, .. } => s.chars().count(),
            })
            .sum()
    };
    match node {
        Node::Heading { text, .. } => text.chars().count(),
        Node::Paragraph { text } => of(text),
        Node::List { items } => items.iter().map(|item| of(item)).sum(),
        Node::Note { body, .. } => body.iter().map(|text| of(text)).sum(),
        Node::Figure(_) | Node::Table(_) | Node::Data(_) | Node::Wide { .. } => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::super::page::TableView;
    use super::*;

    fn node(kind: char) -> Node {
        match kind {
            'H' => Node::Heading { level: 1, anchor: String::new(), text: "Section".into() },
            'h' => Node::Heading { level: 2, anchor: String::new(), text: "Part".into() },
            'L' => Node::Paragraph { text: vec![SpanView::Plain { s: "x".repeat(LEAD + 1) }] },
            'w' | 't' => Node::Table(Box::new(TableView {
                anchor: String::new(),
                label: String::new(),
                caption: String::new(),
                columns: Vec::new(),
                rows: Vec::new(),
                notes: Vec::new(),
                source: String::new(),
                size: 9.0,
                twin: false,
                together: true,
                wide: kind == 'w',
            })),
            _ => Node::Paragraph { text: vec![SpanView::Plain { s: "text".into() }] },
        }
    }

    fn letter(node: &Node) -> String {
        match node {
            Node::Heading { level: 1, .. } => "H".into(),
            Node::Heading { .. } => "h".into(),
            Node::Paragraph { text }
                if text.iter().any(|span| matches!(span, SpanView::Plain { s } if s.chars().count() > LEAD)) =>
            {
                "L".into()
            }
            Node::Table(table) => if table.wide { "w" } else { "t" }.into(),
            Node::Wide { nodes } => format!("[{}]", nodes.iter().map(letter).collect::<String>()),
            Node::Paragraph { .. } | Node::List { .. } | Node::Note { .. } | Node::Figure(_) | Node::Data(_) => "p".into(),
        }
    }

    fn check(input: &str, expected: &str) {
        let nodes = turned(input.chars().map(node).collect());
        assert_eq!(nodes.iter().map(letter).collect::<String>(), expected, "{input}");
    }

    #[test]
    fn text_goes_with_its_table() {
        check("", "");
        check("HptHp", "HptHp");
        check("Hpw", "[Hpw]");
        check("HpwpHp", "[Hpw]pHp");
        check("HtphwHp", "Ht[phw]Hp");
        check("Hwpthw", "[Hwpthw]");
        check("HwHw", "[HwHw]");
        check("HLw", "HL[w]");
    }
}
