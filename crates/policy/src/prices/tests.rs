//! Tests of the price list: what a size costs, what stands for an unknown one, and how a wrong list is told.

use super::*;
use money::Currency;

const LIST: &str = r#"
list = "test"
date = "2026-11-01"
note = "of our own making"
currency = "SEK"
ceiling = "900.00"
[[family]]
name = "N"
ceiling = "500.00"
sizes = { Standard_N1 = "400.00" }
[[family]]
name = "NC"
ceiling = "100.00"
sizes = { Standard_NC6 = "10.00", NC12 = "20.05" }
[region_percent]
faraway = 150
"#;

fn kronor(text: &str) -> Money {
    Money::parse(text, Currency::SEK).unwrap()
}

#[test]
fn a_size_costs_what_the_list_says_and_an_unknown_one_its_ceiling() {
    let prices = Prices::read("test.toml", LIST).unwrap();
    let cases = [
        ("Standard_NC6", "westeurope", "10.00", false),
        ("STANDARD_nc6", "westeurope", "10.00", false),
        ("nc6", "", "10.00", false),
        ("Standard_NC12", "Far Away", "30.08", false),
        ("Standard_NC24ads_A100_v4", "westeurope", "100.00", true),
        ("Standard_NC24ads_A100_v4", "FARAWAY", "150.00", true),
        ("Standard_ND96", "westeurope", "500.00", true),
        ("Standard_X1", "westeurope", "900.00", true),
        ("96", "westeurope", "900.00", true),
        ("", "westeurope", "900.00", true),
        ("Standard_", "westeurope", "900.00", true),
    ];
    for (size, region, per_hour, estimated) in cases {
        let found = prices.lookup(size, region);
        assert_eq!((found.per_hour, found.estimated), (kronor(per_hour), estimated), "{size} in {region}");
        assert_eq!(
            (found.list.as_str(), found.date.as_str(), found.hash),
            ("test", "2026-11-01", Hash::of(LIST.as_bytes()))
        );
        assert_eq!(found.reference().estimated, estimated);
    }
}

#[test]
fn a_size_of_unbounded_length_is_no_size() {
    let prices = Prices::read("test.toml", LIST).unwrap();
    assert!(prices.lookup(&"nc6".repeat(100_000), "").estimated);
}

#[test]
fn the_list_that_ships_prices_the_machines_that_miners_take() {
    let prices = Prices::embedded().unwrap();
    assert!(prices.size_count() >= 60, "{} sizes", prices.size_count());
    for family in ["NC", "ND", "NV", "HB", "M", "D", "F", "B"] {
        let unknown = prices.lookup(&format!("Standard_{family}999zz_v99"), "westeurope");
        assert!(unknown.estimated, "{family}");
        assert!(unknown.per_hour.minor <= prices.lookup("Standard_ZZ1", "westeurope").per_hour.minor, "{family}");
    }
    let known = prices.lookup("Standard_NC24ads_A100_v4", "swedencentral");
    assert!(!known.estimated);
    assert!(known.per_hour.minor > 10_00);
}

#[test]
fn every_wrong_thing_of_a_list_is_named_with_its_place() {
    let cases = [
        (r#"date = "2026-11-01""#, r#"date = "1 November""#, (3, 8), "no date"),
        (r#"currency = "SEK""#, r#"currency = "kr""#, (5, 12), "no currency code"),
        (r#"Standard_N1 = "400.00""#, r#"Standard_N1 = "600.00""#, (10, 25), "dearer than its family's ceiling"),
        (r#"ceiling = "500.00""#, r#"ceiling = "5000.00""#, (9, 11), "above the ceiling of all"),
        (r#"NC12 = "20.05""#, r#"ND12 = "20.05""#, (14, 35), "not of the family `NC`"),
        (r#"NC12 = "20.05""#, r#"nc6 = "20.05""#, (14, 35), "there twice"),
        (r#"NC12 = "20.05""#, r#"NC12 = "20,05""#, (14, 42), "no amount above zero"),
        (r#"NC12 = "20.05""#, "NC12 = 20.05", (14, 42), "text in quotation marks"),
        (r#"name = "NC""#, r#"name = "n""#, (12, 8), "there twice"),
        ("faraway = 150", "faraway = 0", (16, 11), "from 1 to"),
        (r#"note = "of our own making""#, "", (1, 1), "`note` is missing"),
    ];
    for (from, to, place, message) in cases {
        let text = LIST.replacen(from, to, 1);
        assert_ne!(text, LIST, "{from}");
        let problems = Prices::read("test.toml", &text).unwrap_err();
        let found =
            problems.iter().any(|problem| (problem.line, problem.column) == place && problem.message.contains(message));
        assert!(found, "{to}: {problems:#?}");
    }
}
