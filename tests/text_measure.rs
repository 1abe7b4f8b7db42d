//! 2,000 texts in many scripts with the encoding, units and segments that other calculators give them.
//!
//! Where these disagree (one divides instead of filling segments, one keeps grapheme clusters whole), the row holds
//! what TS 23.038 and TS 23.040 say.

use std::io::Read;

use flate2::read::GzDecoder;
use paydunya_crm::text::measure;

#[test]
fn counts_every_text_as_the_calculators_do() {
    let mut rows = String::new();
    GzDecoder::new(&include_bytes!("data/sms_segments.tsv.gz")[..])
        .read_to_string(&mut rows)
        .unwrap();
    let mut seen = 0;
    for row in rows.lines().skip(1) {
        let mut columns = row.split('\t');
        let text: String = serde_json::from_str(columns.next().unwrap()).unwrap();
        let expected = [(); 3].map(|()| {
            columns
                .next()
                .unwrap()
                .replace("GSM7", "GSM-7")
                .replace("UCS2", "UCS-2")
        });
        let measure = measure(&text);
        let counted = [
            measure.encoding.as_str().to_owned(),
            measure.units.to_string(),
            measure.segments.to_string(),
        ];
        assert_eq!(counted, expected, "{text:?}");
        seen += 1;
    }
    assert_eq!(seen, 2000);
}
