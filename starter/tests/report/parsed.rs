//! A page as a browser reads it.

use html5ever::tendril::TendrilSink as _;
use html5ever::{ParseOpts, parse_document};
use markup5ever_rcdom::{Handle, NodeData, RcDom};
use starter::report::Report;

/// A page as a browser reads it.
pub(crate) struct Page {
    /// As it is sent.
    pub(crate) html: String,
    /// All text that is shown, each piece on a line of its own.
    pub(crate) text: String,
    /// The same without white space.
    plain: String,
    /// The text of every element `style`.
    pub(crate) styles: Vec<String>,
    /// Names of elements, with names and values of their attributes.
    pub(crate) elements: Vec<(String, Vec<(String, String)>)>,
}

impl Page {
    pub(crate) fn of(report: &Report) -> Self {
        let html = report.html();
        let dom = parse_document(RcDom::default(), ParseOpts::default()).one(html.as_str());
        let mut page =
            Self { html, text: String::new(), plain: String::new(), styles: Vec::new(), elements: Vec::new() };
        page.walk(&dom.document, false);
        page.plain = plain(&page.text);
        page
    }

    fn walk(&mut self, node: &Handle, in_style: bool) {
        let mut is_style = false;
        match &node.data {
            NodeData::Text { contents } if in_style => self.styles.push(contents.borrow().to_string()),
            NodeData::Text { contents } => {
                self.text.push_str(&contents.borrow());
                self.text.push('\n');
            }
            NodeData::Element { name, attrs, .. } => {
                is_style = &*name.local == "style";
                let attrs = attrs.borrow();
                let attrs = attrs.iter().map(|attr| (attr.name.local.to_string(), attr.value.to_string())).collect();
                self.elements.push((name.local.to_string(), attrs));
            }
            _ => {}
        }
        for child in node.children.borrow().iter() {
            self.walk(child, is_style);
        }
    }

    /// Whether this is said, however it is broken into elements and lines.
    pub(crate) fn says(&self, text: &str) -> bool {
        self.plain.contains(&plain(text))
    }

    /// Values of this attribute, wherever it is.
    pub(crate) fn values(&self, attribute: &str) -> Vec<&str> {
        let all = self.elements.iter().flat_map(|(_, attributes)| attributes);
        all.filter(|(name, _)| name == attribute).map(|(_, value)| value.as_str()).collect()
    }
}

fn plain(text: &str) -> String {
    text.chars().filter(|letter| !letter.is_whitespace()).collect()
}
