//! An event as rules look at it: its log type, and its top-level keys sorted into slots.
//! Built once for an event; borrows from it.

use crate::event::leaf_text;
use crate::json::Node;
use crate::keys::{Familiar, KeyTable, Known, SLOTS};
use crate::taxonomy::{self, Leaf, LogType, Marks, Path, Walk, lookup};

/// Where the top-level keys of an event are, and which log that makes it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Layout {
    log_type: LogType,
    /// Positions of values on the tape; 0 where there is none, since the root is no key's value.
    slots: [u16; SLOTS],
    present: Presence,
    /// Keys with a smaller number have a slot; the others are looked up one by one.
    known: usize,
    /// Two keys fell into one slot, or one stands too far back: keys are looked up one by one.
    irregular: bool,
    /// Some key has a dot, so that it could be meant by a whole path.
    dotted: bool,
}

/// A set of numbers of keys.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Presence([u64; SLOTS / 64]);

impl Presence {
    /// The set of these numbers; a key without a number could be any.
    pub(crate) fn of(numbers: impl IntoIterator<Item = Option<usize>>) -> Self {
        let mut set = Self::default();
        for number in numbers {
            match number {
                Some(number) => set.add(number),
                None => return Self([u64::MAX; SLOTS / 64]),
            }
        }
        set
    }

    fn add(&mut self, number: usize) {
        if let Some(word) = self.0.get_mut(number / 64) {
            *word |= 1 << (number % 64);
        }
    }

    /// Whether it has a number that an event with so many known keys cannot tell.
    fn has_any_beyond(self, known: usize) -> bool {
        let beyond = |(at, word): (usize, &u64)| {
            let first = known.saturating_sub(at * 64);
            *word != 0 && (first < 64 && (*word >> first) != 0)
        };
        self.0.iter().enumerate().any(beyond)
    }

    fn meets(self, other: Self) -> bool {
        self.0.iter().zip(other.0).fold(0, |met, (own, other)| met | (own & other)) != 0
    }
}

/// An event with its top-level keys in slots.
pub(crate) struct View<'e> {
    root: Node<'e>,
    layout: Layout,
}

impl<'e> View<'e> {
    /// Reads the top-level keys and decides the log type.
    pub(crate) fn new(root: Node<'e>, keys: &KeyTable) -> Self {
        Self::sorted(root, keys.len(), |key| keys.know(key))
    }

    /// The same, with the memory of an engine.
    pub(crate) fn remembering(root: Node<'e>, keys: &KeyTable, familiar: &mut Familiar) -> Self {
        Self::sorted(root, keys.len(), |key| familiar.know(keys, key))
    }

    fn sorted(root: Node<'e>, known: usize, mut know: impl FnMut(&str) -> Known) -> Self {
        let layout = Layout {
            log_type: LogType::Unknown,
            slots: [0; SLOTS],
            present: Presence::default(),
            known,
            irregular: false,
            dotted: false,
        };
        let mut view = Self { root, layout };
        let mut marks = Marks::default();
        for (key, value) in root.fields() {
            let Known { id, dotted } = know(key);
            view.layout.dotted |= dotted;
            let Some(id) = id.map(usize::from) else { continue };
            marks.note(id);
            view.layout.present.add(id);
            if let Some(slot) = view.layout.slots.get_mut(id) {
                let place = u16::try_from(value.at());
                view.layout.irregular |= *slot != 0 || place.is_err();
                *slot = place.unwrap_or(u16::MAX);
            }
        }
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
                self.layout.slots.get(id).filter(|at| **at != 0).map(|at| self.root.doc().node(u32::from(*at)))
            }
            _ => lookup(self.root, name),
        }
    }

    /// The value under a whole path taken as one key.
    pub(crate) fn whole(&self, path: &str) -> Option<Node<'e>> {
        if self.layout.dotted { lookup(self.root, path) } else { None }
    }

    /// Whether one of these top-level keys may be there. A key that is met under another name is as good as any.
    pub(crate) fn may_have(&self, wanted: Presence) -> bool {
        self.layout.irregular
            || self.layout.dotted
            || wanted.meets(self.layout.present)
            || wanted.has_any_beyond(self.layout.known)
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
