//! The seat offers and the Azure plan that simulated customers have bought: invented identifiers in the documented form.

use crate::population::words::Country;

/// One seat offer.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Offer {
    pub(crate) product: &'static str,
    pub(crate) sku: &'static str,
    pub(crate) availability: &'static str,
    pub(crate) name: &'static str,
}

impl Offer {
    /// `productId:skuId:availabilityId`.
    pub(crate) fn id(self) -> String {
        format!("{}:{}:{}", self.product, self.sku, self.availability)
    }
}

pub(crate) const SEAT_OFFERS: &[Offer] = &[
    Offer { product: "CFQ7TTC0SB01", sku: "0001", availability: "CFQ7TTC0SBA1", name: "Microsoft 365 Business Basic" },
    Offer {
        product: "CFQ7TTC0SB02",
        sku: "0001",
        availability: "CFQ7TTC0SBA2",
        name: "Microsoft 365 Business Standard",
    },
    Offer {
        product: "CFQ7TTC0SB03",
        sku: "0001",
        availability: "CFQ7TTC0SBA3",
        name: "Microsoft 365 Business Premium",
    },
    Offer { product: "CFQ7TTC0SB04", sku: "0003", availability: "CFQ7TTC0SBA4", name: "Microsoft 365 E3" },
    Offer { product: "CFQ7TTC0SB05", sku: "0003", availability: "CFQ7TTC0SBA5", name: "Microsoft 365 E5" },
    Offer { product: "CFQ7TTC0SB06", sku: "0002", availability: "CFQ7TTC0SBA6", name: "Exchange Online (Plan 1)" },
];

/// The Azure plan's offer.
pub(crate) const AZURE_PLAN: Offer =
    Offer { product: "DZH318Z0SB00", sku: "0001", availability: "DZH318Z0SBA0", name: "Azure plan" };

/// The seat offer at this place of the list.
pub(crate) fn seat_offer(place: u8) -> Offer {
    SEAT_OFFERS.get(usize::from(place)).copied().unwrap_or(AZURE_PLAN)
}

/// The country of one customer in the mix of the simulated partner: six in ten are Swedish.
pub(crate) fn country_of(part_of_hundred: u64) -> Country {
    match part_of_hundred {
        0..60 => Country::Sweden,
        60..75 => Country::Norway,
        75..86 => Country::Denmark,
        86..94 => Country::Finland,
        _ => Country::Germany,
    }
}
