//! What scripts can say with the library's types.

use super::checks::problems_of;

#[test]
fn results_have_the_types_that_the_arguments_give_them() {
    let script = r#"
let a: int = round(2.5)
let b: float = round(2.5, 1)
let c: int = max([1, 2])
let d: int = max(1, 2, 3)
let e: str = max(["a", "bb"], by: |s| len(s))
let e2: str = max(["a", "bb"], |s| len(s))
let f: int = get({"a": 1}, "a", 0) + 1
let g: int? = get({"a": 1}, "a")
let h: list[{first: int, second: str}] = zip([1], ["a"])
let i: list[int] = zip([1], [2], |x, y| x + y)
let j: int = sum([1, 2])
let k: float = sum([1.5])
let l: int = abs(-3)
let m: str = env("HOME", "none")
let n: list[str] = sort(["b", "a"], |s| len(s), true)
let o: list[int] = sort([2, 1])
let p: dict[str, list[int]] = group_by([1, 2], |x| x % 2)
let q: int = reduce([1, 2], 0, |t, x| t + x)
let r: list[int] = [1, 2] |> filter(|x| x > 1) |> map(|x| x * 2)
let s: list[int] = random(0).sample([1, 2, 3], 2).value
let t: list[str] = keys({a: 1})
let u: {train: list[int], test: list[int]} = split_at([1, 2], 0.5)
let v: list[int] = flatten([[1], [2]])
let w: int = "a b".split(" ").len()
let x: dict[str, int] = merge({"a": 1}, {"b": 2})
let y: bool = any([1, 2], |x| x > 1)
let z: float = mean([1, 2])
print(a, b, c, d, e, e2, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v, w, x, y, z)
"#;
    assert_eq!(problems_of(script), Vec::<String>::new());
}

#[test]
fn a_metric_is_checked_against_rows_and_outputs() {
    let script = r#"
let rows = [{question: "a", label: "b"}]
let qa = ChainOfThought("question -> answer")
let good = evaluate(qa, rows, metric: |row, p| row.label == p.answer and p.reasoning != "")
let better = compile(qa, rows, |row, p, trace| p.answer == row.label, optimizer: LabeledFewShot(k: 2))
let own = compile(qa, trainset: rows, optimizer: |program, trainset, metric| with_demos(program, "*", trainset[..1]))
let answer: str = better("x").answer
print(good.score, good.results[0].example.label, good.usage.calls, answer, own)
"#;
    assert_eq!(problems_of(script), Vec::<String>::new());
    let wrong = r#"
let rows = [{question: "a", label: "b"}]
let qa = Predict("question -> answer")
fn accuracy(example, prediction) -> bool { prediction.anwser == example.label }
print(evaluate(qa, rows, metric: accuracy).score)
print(evaluate(qa, [{label: "b"}], metric: |row, p| true).score)
print(compile(qa, rows, |row, p| row.lable == p.answer, LabeledFewShot()))
"#;
    let found = problems_of(wrong).join("\n");
    for piece in ["anwser", "question", "lable"] {
        assert!(found.contains(piece), "{piece} is not in:\n{found}");
    }
}
