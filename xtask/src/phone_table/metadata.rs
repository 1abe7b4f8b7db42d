//! Libphonenumber's metadata, as the npm package libphonenumber-js ships it in `metadata.max.json`.
//!
//! A country there is an array without names: calling code, international prefix, pattern of all numbers, their lengths, formats,
//! national prefix, its format, national prefix for parsing, its transformation, a flag, leading digits, types of numbers, preferred
//! international prefix. What is missing is `0` or left off the end.

use anyhow::{Context, Result, bail};
use serde_json::Value;

/// One calling code and the countries that share it.
pub(super) struct Plan {
    pub(super) calling_code: u16,
    /// The main one first.
    pub(super) regions: Vec<Region>,
}

/// A country, or what stands for one behind an international service code such as +800.
pub(super) struct Region {
    pub(super) iso: Option<String>,
    /// A regular expression.
    pub(super) international_prefix: Option<String>,
    pub(super) general: Numbers,
    pub(super) national_prefix: Option<String>,
    /// A regular expression, where it is more than the national prefix.
    pub(super) national_prefix_for_parsing: Option<String>,
    /// A regular expression for the first digits of this country's numbers, where it shares a calling code.
    pub(super) leading_digits: Option<String>,
    /// In the order of [`Type`].
    pub(super) types: [Option<Numbers>; 10],
}

/// A set of national numbers.
#[derive(Clone)]
pub(super) struct Numbers {
    /// A regular expression for the whole number.
    pub(super) pattern: String,
    pub(super) lengths: Vec<usize>,
}

/// Indexes into [`Region::types`].
#[derive(Clone, Copy)]
pub(super) enum Type {
    FixedLine,
    Mobile,
    TollFree,
    PremiumRate,
    PersonalNumber,
    Voicemail,
    Uan,
    Pager,
    Voip,
    SharedCost,
}

/// Reads all plans, in the order of their calling codes' digits.
pub(super) fn read(json: &str) -> Result<Vec<Plan>> {
    let metadata: Value = serde_json::from_str(json).context("the metadata is no JSON")?;
    if metadata["version"] != 4 {
        bail!(
            "the metadata has version {} of its layout; this reads version 4",
            metadata["version"]
        );
    }
    let object = |name: &str| {
        metadata[name]
            .as_object()
            .with_context(|| format!("{name} is missing"))
    };
    let countries = object("countries")?;
    let mut plans = Vec::new();
    for (code, isos) in object("country_calling_codes")? {
        let mut regions = Vec::new();
        for iso in isos.as_array().context("a calling code has no countries")? {
            let iso = iso.as_str().context("a country is no text")?;
            let country = countries
                .get(iso)
                .with_context(|| format!("{iso} is missing"))?;
            regions.push(region(Some(iso), country).with_context(|| iso.to_owned())?);
        }
        plans.push((code.clone(), regions));
    }
    for (code, service) in object("nonGeographic")? {
        let region = region(None, service).with_context(|| code.clone())?;
        plans.push((code.clone(), vec![region]));
    }
    plans.sort_by(|(one, _), (other, _)| one.cmp(other));
    let plans = plans.into_iter().map(|(code, regions)| {
        let calling_code = code
            .parse()
            .with_context(|| format!("+{code} is no calling code"))?;
        Ok(Plan {
            calling_code,
            regions,
        })
    });
    plans.collect()
}

fn region(iso: Option<&str>, region: &Value) -> Result<Region> {
    let text = |place: usize| region[place].as_str().map(str::to_owned);
    let general = Numbers {
        pattern: text(2).context("there is no pattern")?,
        lengths: lengths(&region[3])?,
    };
    let mut types = [const { None }; 10];
    for (place, numbers) in types.iter_mut().enumerate() {
        let value = &region[11][place];
        let Some(pattern) = value[0].as_str() else {
            continue;
        };
        let lengths = if value[1].is_array() {
            lengths(&value[1])?
        } else {
            general.lengths.clone()
        };
        let pattern = pattern.to_owned();
        *numbers = Some(Numbers { pattern, lengths });
    }
    // An empty pattern for mobile numbers says that they can't be told from fixed lines.
    if types[Type::Mobile as usize]
        .as_ref()
        .is_some_and(|mobile| mobile.pattern.is_empty())
    {
        types[Type::Mobile as usize] = types[Type::FixedLine as usize].clone();
    }
    Ok(Region {
        iso: iso.map(str::to_owned),
        international_prefix: text(1),
        general,
        national_prefix: text(5),
        national_prefix_for_parsing: text(7),
        leading_digits: text(10),
        types,
    })
}

fn lengths(value: &Value) -> Result<Vec<usize>> {
    let lengths = value.as_array().context("there are no lengths")?;
    let lengths = lengths.iter().map(|length| {
        let length = length.as_u64().context("a length is no number")?;
        Ok(usize::try_from(length)?)
    });
    lengths.collect()
}
