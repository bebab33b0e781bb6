//! An event as rules look at it: its log type, and its top-level keys sorted into slots.
//! Built once for an event; borrows from it.

use crate::event::leaf_text;
use crate::json::Node;
use crate::keys::{KeyTable, Order, SLOTS};
use crate::taxonomy::{self, Leaf, LogType, Marks, Path, Walk, lookup};

/// Where the top-level keys of an event are, and which log that makes it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Layout {
    log_type: LogType,
    /// Positions of values on the tape; 0 where there is none, since the root is no key's value.
    slots: [u32; SLOTS],
    /// Keys with a smaller number have a slot; the others are looked up one by one.
    known: usize,
    /// Two keys fell into one slot: keys are looked up one by one.
    irregular: bool,
    /// Some key has a dot, so that it could be meant by a whole path.
    dotted: bool,
}

/// An event with its top-level keys in slots.
pub(crate) struct View<'e> {
    root: Node<'e>,
    layout: Layout,
}

impl<'e> View<'e> {
    /// Reads the top-level keys and decides the log type.
    pub(crate) fn new(root: Node<'e>, keys: &KeyTable) -> Self {
        Self::ordered(root, keys, &mut Order::default())
    }

    /// The same, with what is known about the order of keys.
    pub(crate) fn ordered(root: Node<'e>, keys: &KeyTable, order: &mut Order) -> Self {
        let mut layout = Layout {
            log_type: LogType::Unknown,
            slots: [0; SLOTS],
            known: keys.len(),
            irregular: false,
            dotted: false,
        };
        let mut marks = Marks::default();
        let mut before = SLOTS - 1;
        for (key, value) in root.fields() {
            match order.id(keys, before, key) {
                Some(id) => {
                    before = id;
                    marks.note(id);
                    if let Some(slot) = layout.slots.get_mut(id) {
                        layout.irregular |= *slot != 0;
                        *slot = value.at();
                    }
                }
                None => layout.dotted |= key.bytes().fold(0, |found, b| found | u8::from(b == b'.')) != 0,
            }
        }
        let mut view = Self { root, layout };
        view.layout.log_type = taxonomy::route(&view, marks);
        view
    }

    /// An event whose layout is known already.
    pub(crate) fn with(root: Node<'e>, layout: &Layout) -> Self {
        Self { root, layout: *layout }
    }

    pub(crate) fn layout(&self) -> Layout {
        self.layout
    }

    pub(crate) fn root(&self) -> Node<'e> {
        self.root
    }

    pub(crate) fn log_type(&self) -> LogType {
        self.layout.log_type
    }

    /// The value under a top-level key; `id` is its number where it has one.
    pub(crate) fn top(&self, id: Option<usize>, name: &str) -> Option<Node<'e>> {
        match id {
            Some(id) if id < self.layout.known && !self.layout.irregular => {
                self.layout.slots.get(id).filter(|at| **at != 0).map(|at| self.root.doc().node(*at))
            }
            _ => lookup(self.root, name),
        }
    }

    /// The value under a whole path taken as one key.
    pub(crate) fn whole(&self, path: &str) -> Option<Node<'e>> {
        if self.layout.dotted { lookup(self.root, path) } else { None }
    }

    /// Visits every value found at the given places. The visitor returns true to stop.
    /// Returns (stopped, the field exists).
    pub(crate) fn visit(&self, paths: &[Path], visit: &mut dyn FnMut(&Leaf<'_>) -> bool) -> (bool, bool) {
        let taxonomy = taxonomy::taxonomy(self.layout.log_type);
        let mut walk = Walk { nested_json: taxonomy.nested_json, localized: taxonomy.localized, ..Walk::default() };
        let regular = !self.layout.irregular && !self.layout.dotted;
        for path in paths {
            // Most places of most fields are not there: that costs one look.
            if regular && path.first().is_some_and(|id| id < self.layout.known && self.layout.slots.get(id) == Some(&0))
            {
                continue;
            }
            if taxonomy::walk(self, path, &mut walk, visit) {
                return (true, true);
            }
        }
        (false, walk.found)
    }

    /// The first scalar found at the given places, as text.
    pub(crate) fn first_text(&self, paths: &[Path]) -> Option<String> {
        let mut found = None;
        self.visit(paths, &mut |leaf| {
            found = leaf_text(leaf);
            found.is_some()
        });
        found
    }
}
