//! Loading rule files as one set: every document is read, checked and either taken or
//! refused with file, line, column and hint. Nothing is approximated.

use std::collections::BTreeMap;
use std::sync::Arc;

use sha2::{Digest, Sha256};

use crate::correlation::{self, Correlation, Member};
use crate::document::{self, Filter};
use crate::modifier::Compiler;
use crate::refusal::{Code, Fault, Refusal, Warning};
use crate::rule::{Items, Rule, RuleMeta};
use crate::yaml::{self, Node, Position};

/// The most rules, correlations and filters in one set.
pub const MAX_RULES: usize = 50_000;

/// One rule file, already read.
#[derive(Debug, Clone)]
pub struct Source {
    /// Its name, shown in refusals; usually a path.
    pub name: String,
    /// Its text.
    pub text: String,
}

/// What loading may be told.
#[derive(Debug, Clone, Default)]
pub struct LoadOptions {
    /// Lists for `expand`: placeholder name without the percent signs, and its values.
    pub placeholders: BTreeMap<String, Vec<String>>,
    /// Licence of rules that state none, by the beginning of the file name; the longest wins.
    pub licences: BTreeMap<String, String>,
}

/// What loading gives.
#[derive(Debug, Clone)]
pub struct Loaded {
    /// The rules that were taken.
    pub set: Arc<RuleSet>,
    /// The documents that were not.
    pub refused: Vec<Refusal>,
    /// Remarks.
    pub warnings: Vec<Warning>,
}

/// A loaded set of rules. Immutable; shared between engines.
#[derive(Debug)]
pub struct RuleSet {
    pub(crate) items: Items,
    pub(crate) fields: Vec<Arc<str>>,
    pub(crate) rules: Vec<Rule>,
    pub(crate) correlations: Vec<Correlation>,
    hash: [u8; 32],
}

impl RuleSet {
    /// Loads rule files as one set.
    ///
    /// Documents that cannot be evaluated faithfully are refused; the others are taken.
    #[must_use]
    pub fn load(sources: impl IntoIterator<Item = Source>, options: &LoadOptions) -> Loaded {
        let mut sources: Vec<Source> = sources.into_iter().collect();
        sources.sort_by(|a, b| a.name.cmp(&b.name));
        let mut loader = Loader::new(options);
        let mut hash = Sha256::new();
        for source in &sources {
            for part in [source.name.as_bytes(), source.text.as_bytes()] {
                hash.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
                hash.update(part);
            }
            loader.file(source);
        }
        loader.finish(hash.finalize().into())
    }

    /// SHA-256 over names and texts of all files given, in the order of their names.
    #[must_use]
    pub fn hash(&self) -> [u8; 32] {
        self.hash
    }

    /// The rules and correlations, in the order they were loaded.
    pub fn metas(&self) -> impl Iterator<Item = &Arc<RuleMeta>> {
        self.rules.iter().map(|rule| &rule.meta).chain(self.correlations.iter().map(|c| &c.meta))
    }

    /// The rule or correlation at a place of [`RuleSet::metas`].
    pub(crate) fn meta(&self, at: usize) -> Option<&Arc<RuleMeta>> {
        match self.rules.get(at) {
            Some(rule) => Some(&rule.meta),
            None => self.correlations.get(at.checked_sub(self.rules.len())?).map(|correlation| &correlation.meta),
        }
    }

    /// Number of rules and correlations.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rules.len() + self.correlations.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

struct Loader<'o> {
    options: &'o LoadOptions,
    items: Items,
    fields: Vec<String>,
    field_ids: BTreeMap<String, usize>,
    rules: Vec<Rule>,
    correlations: Vec<Correlation>,
    filters: Vec<(Filter, Position)>,
    refused: Vec<Refusal>,
    warnings: Vec<Warning>,
    ids: BTreeMap<String, String>,
}

impl<'o> Loader<'o> {
    fn new(options: &'o LoadOptions) -> Self {
        Self {
            options,
            items: Items::default(),
            fields: Vec::new(),
            field_ids: BTreeMap::new(),
            rules: Vec::new(),
            correlations: Vec::new(),
            filters: Vec::new(),
            refused: Vec::new(),
            warnings: Vec::new(),
            ids: BTreeMap::new(),
        }
    }

    fn file(&mut self, source: &Source) {
        match yaml::parse(&source.text) {
            Err(fault) => self.refused.push(fault.refuse(&source.name)),
            Ok(documents) => {
                if documents.is_empty() {
                    self.refused.push(Fault::new(Code::NoRule).refuse(&source.name));
                }
                for document in &documents {
                    if let Err(fault) = self.document(document, &source.name) {
                        self.refused.push(fault.at(document.at).refuse(&source.name));
                    }
                }
            }
        }
    }

    fn document(&mut self, document: &Node, file: &str) -> Result<(), Fault> {
        if document.entries().is_none() {
            return Err(Fault::new(Code::RuleNoMapping));
        }
        if self.rules.len() + self.correlations.len() + self.filters.len() >= MAX_RULES {
            return Err(Fault::new(Code::TooManyRules).with("most", MAX_RULES));
        }
        if document.get("action").is_some() {
            return Err(Fault::new(Code::OldCollection));
        }
        let licence = self
            .options
            .licences
            .iter()
            .filter(|(prefix, _)| file.starts_with(prefix.as_str()))
            .max_by_key(|(prefix, _)| prefix.len());
        let meta = document::meta(document, file, licence.map(|(_, licence)| licence.as_str()))?;
        let is_filter = document.get("filter").is_some();
        if !is_filter {
            self.unique(&meta)?;
        }
        let id = meta.id.clone();
        let mut remarks = Vec::new();
        let mut compiler = Compiler {
            placeholders: &self.options.placeholders,
            fields: &mut self.fields,
            field_ids: &mut self.field_ids,
            warnings: &mut remarks,
        };
        if document.get("correlation").is_some() {
            let correlation = correlation::read(document, meta, &mut compiler)?;
            self.correlations.push(correlation);
        } else if is_filter {
            let filter = document::filter(document, meta, &mut self.items, &mut compiler)?;
            self.filters.push((filter, document.at));
        } else {
            let rule = document::rule(document, meta, &mut self.items, &mut compiler)?;
            self.rules.push(rule);
        }
        if !is_filter {
            self.ids.insert(id.clone(), file.to_owned());
        }
        self.warnings.extend(remarks.into_iter().map(|said| said.warn(file, &id)));
        Ok(())
    }

    fn unique(&self, meta: &RuleMeta) -> Result<(), Fault> {
        match self.ids.get(&meta.id) {
            Some(file) => Err(Fault::new(Code::IdTaken).with("id", &meta.id).with("file", file)),
            None => Ok(()),
        }
    }

    fn finish(mut self, hash: [u8; 32]) -> Loaded {
        self.join_correlations();
        self.apply_filters();
        self.mark_feeders();
        self.items.seal();
        let set = RuleSet {
            items: self.items,
            fields: self.fields.into_iter().map(Arc::from).collect(),
            rules: self.rules,
            correlations: self.correlations,
            hash,
        };
        self.warnings.extend(crate::check::check(&set));
        self.refused.sort_by(|a, b| (&a.file, a.line, a.column).cmp(&(&b.file, b.line, b.column)));
        Loaded { set: Arc::new(set), refused: self.refused, warnings: self.warnings }
    }

    fn find(&self, wanted: &str) -> Option<Member> {
        let is = |meta: &RuleMeta| meta.id == wanted || meta.name.as_deref() == Some(wanted);
        let rule = self.rules.iter().position(|rule| is(&rule.meta)).map(Member::Rule);
        rule.or_else(|| self.correlations.iter().position(|c| is(&c.meta)).map(Member::Correlation))
    }

    /// Resolves names, refuses correlations whose rules are missing or that refer in a circle,
    /// and puts the inner ones before the outer ones.
    fn join_correlations(&mut self) {
        loop {
            let resolved: Vec<Result<Vec<Member>, Fault>> = self
                .correlations
                .iter()
                .map(|c| {
                    let one = |(name, at): &(String, Position)| {
                        self.find(name).ok_or_else(|| Fault::new(Code::MemberUnknown).with("name", name).at(*at))
                    };
                    c.wanted.iter().map(one).collect()
                })
                .collect();
            let mut kept = Vec::new();
            let mut dropped = false;
            for (mut correlation, members) in std::mem::take(&mut self.correlations).into_iter().zip(resolved) {
                match members {
                    Ok(members) => {
                        correlation.members = members;
                        kept.push(correlation);
                    }
                    Err(fault) => {
                        dropped = true;
                        self.refused.push(fault.at(correlation.at).refuse(&correlation.meta.file));
                    }
                }
            }
            self.correlations = kept;
            if !dropped && !self.order_correlations() {
                return;
            }
        }
    }

    /// Returns true when some were refused, so that names must be resolved anew.
    fn order_correlations(&mut self) -> bool {
        let mut order: Vec<usize> = Vec::new();
        let mut left: Vec<usize> = (0..self.correlations.len()).collect();
        loop {
            let ready = |at: &usize| {
                let members = self.correlations.get(*at).map(|c| c.members.as_slice()).unwrap_or_default();
                members.iter().all(|m| !matches!(m, Member::Correlation(inner) if !order.contains(inner)))
            };
            let (now, later): (Vec<usize>, Vec<usize>) = left.iter().copied().partition(ready);
            if now.is_empty() {
                break;
            }
            order.extend(now);
            left = later;
        }
        if !left.is_empty() {
            let mut at = 0;
            let refused = &mut self.refused;
            self.correlations.retain(|c| {
                let circular = left.contains(&at);
                at += 1;
                if circular {
                    refused.push(Fault::new(Code::Circle).at(c.at).refuse(&c.meta.file));
                }
                !circular
            });
            return true;
        }
        let place = |old: usize| order.iter().position(|at| *at == old).unwrap_or(old);
        let mut sorted: Vec<(usize, Correlation)> =
            std::mem::take(&mut self.correlations).into_iter().enumerate().map(|(at, c)| (place(at), c)).collect();
        sorted.sort_by_key(|(at, _)| *at);
        for (_, correlation) in &mut sorted {
            for member in &mut correlation.members {
                if let Member::Correlation(at) = member {
                    *at = place(*at);
                }
            }
        }
        self.correlations = sorted.into_iter().map(|(_, c)| c).collect();
        false
    }

    fn apply_filters(&mut self) {
        for (filter, at) in std::mem::take(&mut self.filters) {
            let compatible = |meta: &RuleMeta| {
                let agrees = |filter: &Option<String>, rule: &Option<String>| filter.is_none() || filter == rule;
                agrees(&filter.meta.product, &meta.product)
                    && agrees(&filter.meta.service, &meta.service)
                    && agrees(&filter.meta.category, &meta.category)
            };
            for (name, at) in &filter.rules {
                let fault = match self.find(name) {
                    Some(Member::Rule(index)) if self.rules.get(index).is_some_and(|r| compatible(&r.meta)) => continue,
                    Some(Member::Rule(_)) => Fault::new(Code::FilterOtherSource).with("name", name),
                    _ => Fault::new(Code::MemberUnknown).with("name", name),
                };
                self.refused.push(fault.at(*at).refuse(&filter.meta.file));
            }
            let named = |meta: &RuleMeta| {
                filter.rules.iter().any(|(name, _)| meta.id == *name || meta.name.as_deref() == Some(name))
            };
            let mut used = false;
            for rule in &mut self.rules {
                if compatible(&rule.meta) && (filter.rules.is_empty() || named(&rule.meta)) {
                    document::apply(&filter, rule);
                    used = true;
                }
            }
            if !used && filter.rules.is_empty() {
                self.refused.push(Fault::new(Code::FilterWithoutRule).at(at).refuse(&filter.meta.file));
            }
        }
    }

    /// A rule that only feeds correlations reports nothing of its own unless one of them says `generate`.
    fn mark_feeders(&mut self) {
        for at in 0..self.correlations.len() {
            let (members, generate) =
                self.correlations.get(at).map(|c| (c.members.clone(), c.generate)).unwrap_or_default();
            for member in members {
                match member {
                    Member::Rule(rule) => {
                        let other = self.correlations.iter().any(|c| c.generate && c.members.contains(&member));
                        if let Some(rule) = self.rules.get_mut(rule) {
                            rule.emits = generate || other;
                        }
                    }
                    Member::Correlation(inner) => {
                        let other = self.correlations.iter().any(|c| c.generate && c.members.contains(&member));
                        if let Some(inner) = self.correlations.get_mut(inner) {
                            inner.emits = generate || other;
                        }
                    }
                }
            }
        }
    }
}
