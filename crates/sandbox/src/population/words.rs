//! The words from which the simulated customers get their names. All companies and people are invented.
//! How they are put together is in `names.rs`.

/// A country in which the simulated partner has customers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Country {
    /// Sweden, where most are.
    #[default]
    Sweden,
    Norway,
    Denmark,
    Finland,
    Germany,
}

impl Country {
    /// ISO 3166 code.
    pub(crate) fn code(self) -> &'static str {
        match self {
            Self::Sweden => "SE",
            Self::Norway => "NO",
            Self::Denmark => "DK",
            Self::Finland => "FI",
            Self::Germany => "DE",
        }
    }

    pub(crate) fn culture(self) -> &'static str {
        match self {
            Self::Sweden => "sv-SE",
            Self::Norway => "nb-NO",
            Self::Denmark => "da-DK",
            Self::Finland => "fi-FI",
            Self::Germany => "de-DE",
        }
    }

    /// The country's legal form for a company with limited liability.
    pub(crate) fn company_form(self) -> &'static str {
        match self {
            Self::Sweden => "AB",
            Self::Norway => "AS",
            Self::Denmark => "ApS",
            Self::Finland => "Oy",
            Self::Germany => "GmbH",
        }
    }

    pub(crate) fn phone_prefix(self) -> &'static str {
        match self {
            Self::Sweden => "+46",
            Self::Norway => "+47",
            Self::Denmark => "+45",
            Self::Finland => "+358",
            Self::Germany => "+49",
        }
    }

    pub(crate) fn cities(self) -> &'static [&'static str] {
        match self {
            Self::Sweden => &["Stockholm", "Göteborg", "Malmö", "Uppsala", "Västerås", "Örebro", "Linköping", "Umeå"],
            Self::Norway => &["Oslo", "Bergen", "Trondheim", "Stavanger"],
            Self::Denmark => &["København", "Aarhus", "Odense", "Aalborg"],
            Self::Finland => &["Helsinki", "Espoo", "Tampere", "Turku"],
            Self::Germany => &["Hamburg", "Lübeck", "Kiel", "Rostock"],
        }
    }

    /// The Azure regions that customers of this country ordinarily use.
    pub(crate) fn regions(self) -> &'static [&'static str] {
        match self {
            Self::Sweden => &["swedencentral", "northeurope", "westeurope"],
            Self::Norway => &["norwayeast", "northeurope", "westeurope"],
            Self::Denmark | Self::Finland => &["northeurope", "westeurope", "swedencentral"],
            Self::Germany => &["germanywestcentral", "westeurope", "northeurope"],
        }
    }
}

/// First halves of company names.
pub(crate) const PLACES: &[&str] = &[
    "Norr", "Söder", "Öster", "Väster", "Björk", "Ek", "Gran", "Lind", "Alm", "Ask", "Berg", "Dal", "Fjäll", "Sjö",
    "Å", "Bäck", "Strand", "Holm", "Vik", "Näs", "Ljung", "Ros", "Sten", "Järn", "Silver", "Kopp", "Guld", "Mäl",
    "Hammar", "Kvarn", "Fors", "Älv", "Skog", "Ängs", "Hav", "Fyr", "Segel", "Nord", "Polar", "Tall",
];

/// Second halves of company names.
pub(crate) const ENDINGS: &[&str] = &[
    "borg", "vik", "dal", "fors", "hult", "näs", "lund", "stad", "by", "torp", "sund", "mark", "gård", "ström",
    "backa", "holm", "åker", "hamn", "bro", "ås", "kulla", "vall", "skär", "fjord",
];

/// What the companies do.
pub(crate) const TRADES: &[&str] = &[
    "Bygg",
    "Åkeri",
    "Redovisning",
    "Fastigheter",
    "Verkstad",
    "Livs",
    "Textil",
    "Energi",
    "Konsult",
    "Data",
    "Trädgård",
    "Marin",
    "Papper",
    "Optik",
    "Tandvård",
    "Arkitektur",
    "Transport",
    "Plåt",
    "Möbler",
    "Bageri",
    "Juridik",
    "Media",
    "Logistik",
    "Teknik",
];

/// Given names of contacts.
pub(crate) const GIVEN: &[&str] = &[
    "Anna", "Erik", "Ingrid", "Lars", "Maja", "Nils", "Sara", "Olof", "Freja", "Henrik", "Aino", "Jens", "Liv", "Karl",
    "Mette", "Tuomas", "Greta", "Sven", "Astrid", "Viggo",
];

/// Family names of contacts.
pub(crate) const FAMILY: &[&str] = &[
    "Lindqvist",
    "Bergström",
    "Hansen",
    "Virtanen",
    "Dahl",
    "Nyberg",
    "Sørensen",
    "Korhonen",
    "Ekman",
    "Holm",
    "Sandberg",
    "Krüger",
    "Åström",
    "Vestergaard",
    "Nordin",
    "Falk",
    "Wikström",
    "Berglund",
];

/// Names of Azure subscriptions.
pub(crate) const SUBSCRIPTIONS: &[&str] =
    &["Production", "Test", "Development", "Backup", "Website", "Data platform", "Shared services", "Integration"];
