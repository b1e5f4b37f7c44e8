"""Makes rows.parquet, a row group a codec: python make_rows.py (needs pyarrow)."""

import datetime
import decimal

import pyarrow as pa
import pyarrow.parquet as pq

rows = pa.table(
    {
        "n": pa.array([1, None, 3], pa.int64()),
        "small": pa.array([1, 2, 255], pa.uint8()),
        "x": pa.array([0.5, 2.0, -1e20], pa.float64()),
        "single": pa.array([0.5, 0.25, 1.0], pa.float32()),
        "ok": pa.array([True, False, True]),
        "note": pa.array(["a", "ü\n", None]),
        "tags": pa.array([["p", "q"], [], ["r"]], pa.list_(pa.string())),
        "who": pa.array([{"name": "Ada", "age": 3}, {"name": "Bo", "age": None}, {"name": "Cy", "age": 4}]),
        "counts": pa.array([[("a", 1)], [], [("b", 2), ("c", 3)]], pa.map_(pa.string(), pa.int32())),
        "day": pa.array([datetime.date(2024, 1, 31)] * 3),
        "at": pa.array([datetime.datetime(2024, 1, 31, 10, 5)] * 3, pa.timestamp("ms")),
        "price": pa.array([decimal.Decimal("1.50")] * 3, pa.decimal128(10, 2)),
        "kind": pa.array(["low", "high", "low"]).dictionary_encode(),
    }
)
for codec in ["none", "snappy", "gzip", "zstd", "lz4", "brotli"]:
    pq.write_table(rows, f"rows.{codec}.parquet", compression=codec)
