//! Reading a price list: its name, date and currency, the ceiling of all, families with their sizes, regions.

use super::{Prices, letters_of, plain_size};
use crate::document::{Document, Placed};
use crate::problem::Problem;
use crate::section::Section;
use domain::ids::Hash;
use money::{Currency, Money};
use std::collections::BTreeMap;

/// The most of the list's rate that a region can cost, in percent.
const MAX_REGION_PERCENT: u32 = 1_000;

/// A family and its sizes, as they stand in the file.
struct Family {
    name: Placed<String>,
    ceiling: Placed<Money>,
    sizes: Vec<(Placed<String>, Placed<Money>)>,
}

pub(super) fn read(file: &str, text: &str) -> Result<Prices, Vec<Problem>> {
    let document = Document::open(file, text.as_bytes())?;
    let prices = list(&document, Hash::of(text.as_bytes()));
    let mut problems = document.into_problems();
    problems.sort();
    prices.filter(|_| problems.is_empty()).ok_or(problems)
}

fn list(document: &Document<'_>, hash: Hash) -> Option<Prices> {
    let root = document.root();
    let name = root.text("list");
    let date = root.text("date");
    // The note is for people: it says what the figures are, and no list goes without.
    let note = root.text("note");
    // Without a currency no amount can be read.
    let currency = root.currency("currency")?.value;
    let ceiling = root.amount("ceiling", currency);
    let families: Vec<_> = root.sections("family").into_iter().map(|section| family(section, currency)).collect();
    let region_percent = root.section("region_percent").map(|section| regions(&section));
    root.finish();
    let is_date = |date: &Placed<String>| date.value.parse::<jiff::civil::Date>().is_ok();
    if let Some(date) = date.as_ref().filter(|date| !is_date(date)) {
        let hint = Some("write it as in `2026-11-01`".to_owned());
        document.problem(&date.place, format!("`{}` is no date", date.value), hint);
    }
    let families: Vec<Family> = families.into_iter().collect::<Option<_>>()?;
    let ceiling = ceiling?;
    below_the_ceiling_of_all(document, &families, &ceiling);
    note?;
    Some(Prices {
        list: name?.value,
        date: date?.value,
        hash,
        ceiling: ceiling.value,
        sizes: sizes_once(document, &families),
        families: families_once(document, &families),
        region_percent: region_percent?,
    })
}

fn family(section: Section<'_, '_>, currency: Currency) -> Option<Family> {
    let name = section.text("name");
    let ceiling = section.amount("ceiling", currency);
    let sizes = section.section("sizes").map(|sizes| {
        let rate = |size: Placed<String>| Some((size.clone(), sizes.amount(&size.value, currency)?));
        sizes.keys().into_iter().filter_map(rate).collect::<Vec<_>>()
    });
    let (name, ceiling, sizes) = (name?, ceiling?, sizes?);
    for (size, rate) in &sizes {
        let plain = plain_size(&size.value).unwrap_or_default();
        if !letters_of(&plain).starts_with(&name.value.to_ascii_lowercase()) {
            section.problem(
                &size.place,
                format!("the size `{}` is not of the family `{}`", size.value, name.value),
                None,
            );
        }
        if rate.value.minor > ceiling.value.minor {
            let hint = Some("an unknown size of the family takes the ceiling: no known one may be dearer".to_owned());
            section.problem(&rate.place, format!("`{}` is dearer than its family's ceiling", size.value), hint);
        }
    }
    section.finish();
    Some(Family { name, ceiling, sizes })
}

fn regions(section: &Section<'_, '_>) -> BTreeMap<String, i64> {
    let percent = |region: Placed<String>| {
        let percent = section.count(&region.value, MAX_REGION_PERCENT)?;
        Some((region.value.to_ascii_lowercase(), i64::from(percent)))
    };
    section.keys().into_iter().filter_map(percent).collect()
}

fn below_the_ceiling_of_all(document: &Document<'_>, families: &[Family], ceiling: &Placed<Money>) {
    for family in families.iter().filter(|family| family.ceiling.value.minor > ceiling.value.minor) {
        let message = format!("the ceiling of `{}` is above the ceiling of all ({})", family.name.value, ceiling.value);
        document.problem(&family.ceiling.place, message, None);
    }
}

fn families_once(document: &Document<'_>, families: &[Family]) -> BTreeMap<String, Money> {
    let mut known = BTreeMap::new();
    for family in families {
        if known.insert(family.name.value.to_ascii_lowercase(), family.ceiling.value).is_some() {
            document.problem(&family.name.place, format!("the family `{}` is there twice", family.name.value), None);
        }
    }
    known
}

fn sizes_once(document: &Document<'_>, families: &[Family]) -> BTreeMap<String, Money> {
    let mut known = BTreeMap::new();
    for (size, rate) in families.iter().flat_map(|family| &family.sizes) {
        let plain = plain_size(&size.value).unwrap_or_default();
        if known.insert(plain, rate.value).is_some() {
            document.problem(&size.place, format!("the size `{}` is there twice", size.value), None);
        }
    }
    known
}
