//! Files of rows: what they hold, the type of a row, and where a bad one is.

use dsp::diag::FaultKind;
use dsp::evaluate::dataset::{row_type, rows};
use dsp::value::show;

fn shown(path: &str, text: &str) -> String {
    show(&rows(text.as_bytes(), path, None).unwrap())
}

fn typed(path: &str, text: &str) -> String {
    row_type(text.as_bytes(), path).unwrap().to_string()
}

fn refused(path: &str, text: &str) -> String {
    let fault = rows(text.as_bytes(), path, None).unwrap_err();
    assert_eq!(fault.kind, FaultKind::Value);
    fault.message
}

#[test]
fn a_line_of_jsonl_is_a_row() {
    let text = "{\"q\": \"a\", \"n\": 1}\n\n{\"q\": \"b\", \"n\": 2.5}\r\n";
    assert_eq!(shown("x.jsonl", text), r#"[{q: "a", n: 1}, {q: "b", n: 2.5}]"#);
    assert_eq!(typed("x.jsonl", text), "{q: str, n: int | float}");
}

#[test]
fn a_column_that_is_missing_or_null_somewhere_may_be_none() {
    let text = "{\"a\": 1, \"b\": null}\n{\"a\": 2, \"b\": \"x\", \"c\": true}";
    assert_eq!(typed("x.jsonl", text), "{a: int, b: str?, c: bool?}");
    assert_eq!(shown("x.jsonl", text), r#"[{a: 1, b: none}, {a: 2, b: "x", c: true}]"#);
}

#[test]
fn nested_values_have_types_too() {
    let text = r#"[{"tags": ["a"], "who": {"name": "Ada", "age": 3}}, {"tags": [], "who": {"name": "Bo"}}]"#;
    assert_eq!(typed("x.json", text), "{tags: list[str], who: {name: str, age: int?}}");
    assert_eq!(typed("x.json", r#"[{"a": []}]"#), "{a: list[any]}");
}

#[test]
fn a_limit_takes_the_first_rows() {
    let text = "{\"n\": 1}\n{\"n\": 2}\n{\"n\": 3}\n";
    let first = rows(text.as_bytes(), "x.jsonl", Some(2)).unwrap();
    assert_eq!(show(&first), "[{n: 1}, {n: 2}]");
    assert_eq!(show(&rows(b"", "x.jsonl", None).unwrap()), "[]");
}

#[test]
fn a_column_of_csv_has_a_type_if_every_cell_is_written_as_dsp_prints_it() {
    let text = "n,x,ok,zip,note\n1,0.5,true,01234,\n,2.0,false,99,\"a, \"\"b\"\"\"\n";
    assert_eq!(
        typed("x.csv", text),
        "{n: int?, x: float, ok: bool, zip: str, note: str}"
    );
    assert_eq!(
        shown("x.csv", text),
        r#"[{n: 1, x: 0.5, ok: true, zip: "01234", note: ""}, {n: none, x: 2.0, ok: false, zip: "99", note: "a, \"b\""}]"#
    );
    assert_eq!(shown("x.tsv", "a\tb\n1\tx\n"), r#"[{a: 1, b: "x"}]"#);
    assert_eq!(typed("x.csv", "price\n1.50\n2.25\n"), "{price: str}");
}

#[test]
fn a_bad_row_is_named_with_file_line_and_column() {
    let message = refused("x.jsonl", "{\"a\": 1}\n{\"a\": tru}\n");
    assert!(
        message.starts_with("`x.jsonl`, line 2, column 10: no JSON"),
        "{message}"
    );
    let message = refused("x.jsonl", "{\"a\": 1}\n\n  [1]\n");
    assert_eq!(
        message,
        "`x.jsonl`, line 3, column 3: a row is an object, this is a list"
    );
    let message = refused("x.json", "[\n  {\"a\": \"], {\"},\n  3\n]");
    assert_eq!(
        message,
        "`x.json`, line 3, column 3: a row is an object, this is a number"
    );
    let message = refused("x.json", "{\"a\": 1}");
    assert_eq!(
        message,
        "`x.json`, line 1, column 1: a dataset is a list of objects, this is an object"
    );
    let message = refused("x.csv", "a,b\n1,2\n3\n");
    assert_eq!(
        message,
        "`x.csv`, line 3, column 2: this row has 1 cells, the header has 2"
    );
    let message = refused("x.csv", "a,a\n1,2\n");
    assert!(message.contains("the column `a` occurs twice"), "{message}");
}

#[test]
fn what_is_no_dataset_says_what_one_is() {
    let fault = rows(b"", "x.txt", None).unwrap_err();
    assert_eq!(fault.message, "`x.txt` is no dataset that dsp reads");
    let fault = rows(b"{\"a\": \"\xff\"}", "x.jsonl", None).unwrap_err();
    assert_eq!(fault.message, "`x.jsonl`, line 1, column 8: this is no UTF-8 text");
}

#[test]
fn a_byte_order_mark_is_no_part_of_the_first_column() {
    assert_eq!(shown("x.csv", "\u{feff}a\n1\n"), "[{a: 1}]");
}

/// `tests/stdlib/parquet/make_rows.py` wrote these.
fn parquet(codec: &str) -> Vec<u8> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/stdlib/parquet");
    std::fs::read(format!("{folder}/rows.{codec}.parquet")).unwrap()
}

#[test]
fn parquet_is_read_with_every_usual_codec() {
    let first = "{n: 1, small: 1, x: 0.5, single: 0.5, ok: true, note: \"a\", tags: [\"p\", \"q\"], who: {name: \"Ada\", \
                 age: 3}, counts: {\"a\": 1}, day: \"2024-01-31\", at: \"2024-01-31T10:05:00.000+00:00\", price: 1.5, kind: \
                 \"low\"}";
    let ty = "{n: int?, small: int, x: float, single: float, ok: bool, note: str?, tags: list[str], who: {name: str, age: \
              int?}, counts: dict[str, int], day: str, at: str, price: float, kind: str}";
    for codec in ["none", "snappy", "gzip", "zstd", "lz4"] {
        let bytes = parquet(codec);
        assert_eq!(
            show(&rows(&bytes, "x.parquet", Some(1)).unwrap()),
            format!("[{first}]"),
            "{codec}"
        );
        assert_eq!(row_type(&bytes, "x.parquet").unwrap().to_string(), ty, "{codec}");
    }
}

#[test]
fn what_is_no_parquet_is_said() {
    let said = |bytes: &[u8]| rows(bytes, "x.parquet", None).unwrap_err().message;
    let start = "`x.parquet` is no Parquet file that dsp reads: ";
    assert!(said(b"").starts_with(start));
    assert!(said(b"{\"a\": 1}").starts_with(start));
    let whole = parquet("none");
    assert!(said(&whole[..whole.len() / 2]).starts_with(start));
    assert!(
        said(&parquet("brotli")).contains("brotli"),
        "{}",
        said(&parquet("brotli"))
    );
}

/// Bytes that were tampered with give rows or a message, never a panic or an endless read.
#[test]
fn damaged_parquet_does_no_harm() {
    let quiet = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| {}));
    let whole = parquet("snappy");
    let mut state = 1_u64;
    for _ in 0..2000 {
        let mut bytes = whole.clone();
        for _ in 0..3 {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            let at = (state >> 33) as usize % bytes.len();
            bytes[at] = (state >> 17) as u8;
        }
        let _ = rows(&bytes, "x.parquet", None);
    }
    std::panic::set_hook(quiet);
}
