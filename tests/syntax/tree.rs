//! A tree as text: one S-expression for each item, its spans left out.

use dsp::syntax::ast::*;
use dsp::value::source_text;

pub fn file(file: &File) -> String {
    file.items.iter().map(|i| item(i) + "\n").collect()
}

fn all<T>(list: &[T], each: impl Fn(&T) -> String) -> String {
    list.iter().map(|x| format!(" {}", each(x))).collect()
}

fn opt<T>(value: Option<&T>, each: impl Fn(&T) -> String) -> String {
    value.map_or(String::new(), |v| format!(" {}", each(v)))
}

fn item(item: &Item) -> String {
    match item {
        Item::Import(i) => match &i.names {
            ImportNames::As(name) => format!("(import {} as {})", source_text(&i.path.node), name.node),
            ImportNames::Some(names) => {
                format!(
                    "(import {} ({}))",
                    source_text(&i.path.node),
                    all(names, |n| n.node.to_string()).trim()
                )
            }
        },
        Item::Type(t) => format!("(type {} {})", t.name.node, ty(&t.ty)),
        Item::Signature(s) => format!("(signature {}{})", s.name.node, signature(&s.body)),
        Item::Function(f) => function(f),
        Item::Module(m) => module(m),
        Item::Test(t) => format!("(test {}{})", source_text(&t.name.node), all(&t.body.stmts, stmt)),
        Item::Statement(s) => stmt(s),
    }
}

pub fn signature(body: &SignatureBody) -> String {
    let mut out = opt(body.instructions.as_ref(), |i| source_text(&i.node));
    out += &all(&body.inputs, field);
    out += " ->";
    out + &all(&body.outputs, field)
}

fn field(f: &Field) -> String {
    let mut out = format!("({}", f.name.node);
    out += &opt(f.ty.as_ref(), |t| format!(": {}", ty(t)));
    out += &opt(f.default.as_ref(), |e| format!("= {}", expr(e)));
    out += &opt(f.desc.as_ref(), |d| source_text(&d.node));
    for w in &f.conditions {
        out += &format!(
            " (where {}{})",
            expr(&w.condition),
            opt(w.advice.as_ref(), |a| source_text(&a.node))
        );
    }
    out + ")"
}

fn type_params(list: &[TypeParam]) -> String {
    if list.is_empty() {
        return String::new();
    }
    format!(
        " [{}]",
        all(list, |p| format!(
            "{}{}",
            p.name.node,
            opt(p.bound.as_ref(), |b| format!(": {}", ty(b)))
        ))
        .trim()
    )
}

fn params(list: &[Param]) -> String {
    format!(" ({})", all(list, param).trim())
}

fn param(p: &Param) -> String {
    match &p.kind {
        ParamKind::Named {
            name,
            ty: None,
            default: None,
        } => name.node.to_string(),
        ParamKind::Named { name, ty: t, default } => {
            format!(
                "({}{}{})",
                name.node,
                opt(t.as_ref(), |t| format!(": {}", ty(t))),
                opt(default.as_ref(), |e| format!("= {}", expr(e)))
            )
        }
        ParamKind::Rest { name, ty: t } => format!("(... {} : {})", name.node, ty(t)),
        ParamKind::Fields(t) => format!("(...{})", ty(t)),
    }
}

fn function(f: &Function) -> String {
    let mut out = format!(
        "(fn {}{}{}",
        f.name.node,
        type_params(&f.type_params),
        params(&f.params)
    );
    out += &opt(f.result.as_ref(), |r| format!("-> {}", ty(r)));
    out += &opt(f.description.as_ref(), |d| source_text(&d.node));
    match &f.body {
        FnBody::Block(b) => out += &all(&b.stmts, stmt),
        FnBody::Native => out += " native",
    }
    out + ")"
}

fn module(m: &Module) -> String {
    let mut out = format!(
        "(module {}{}{}",
        m.name.node,
        type_params(&m.type_params),
        params(&m.params)
    );
    out += &opt(m.description.as_ref(), |d| source_text(&d.node));
    out += &all(&m.members, |x| format!("(member {} {})", x.name.node, expr(&x.value)));
    out += &all(&m.forwards, function);
    out += &all(&m.helpers, function);
    out + ")"
}

pub fn ty(t: &TypeExpr) -> String {
    match &t.kind {
        TypeExprKind::Name { qualifier: None, name } => name.node.to_string(),
        TypeExprKind::Name {
            qualifier: Some(q),
            name,
        } => format!("{}.{}", q.node, name.node),
        TypeExprKind::None => "none".to_owned(),
        TypeExprKind::Literal(l) => l.to_string(),
        TypeExprKind::Generic { name, args } => format!("({}[]{})", name.node, all(args, ty)),
        TypeExprKind::Union(list) => format!("(|{})", all(list, ty)),
        TypeExprKind::Optional(t) => format!("(? {})", ty(t)),
        TypeExprKind::Record(entries) => format!(
            "{{{}}}",
            all(entries, |e| match e {
                TypeRecordEntry::Field(f) => format!(
                    "({}: {}{})",
                    f.name.node,
                    ty(&f.ty),
                    opt(f.desc.as_ref(), |d| source_text(d))
                ),
                TypeRecordEntry::Spread(t) => format!("...{}", ty(t)),
            })
            .trim()
        ),
        TypeExprKind::Function { params, result } => format!("(fn ({}) {})", all(params, ty).trim(), ty(result)),
        TypeExprKind::Of { what, name } => format!("({what} {})", name.node),
    }
}

fn binding(b: &Binding) -> String {
    match b {
        Binding::Name { name, ty: t } => format!("{}{}", name.node, opt(t.as_ref(), |t| format!(": {}", ty(t)))),
        Binding::Record { fields, .. } => {
            format!(
                "{{{}}}",
                all(fields, |f| format!("{}: {}", f.field.node, f.name.node)).trim()
            )
        }
    }
}

fn stmt(s: &Stmt) -> String {
    match &s.kind {
        StmtKind::Let { binding: b, value } => format!("(let {} {})", binding(b), expr(value)),
        StmtKind::Var { binding: b, value } => format!("(var {} {})", binding(b), expr(value)),
        StmtKind::Assign { place, op, value } => {
            let op = match op {
                AssignOp::Set => "=".to_owned(),
                AssignOp::Update(op) => format!("{}=", op.text()),
            };
            format!("({op} {} {})", expr(place), expr(value))
        }
        StmtKind::For { names, over, body } => {
            format!(
                "(for ({}) {}{})",
                all(names, |n| n.node.to_string()).trim(),
                expr(over),
                all(&body.stmts, stmt)
            )
        }
        StmtKind::While { condition, body } => format!("(while {}{})", expr(condition), all(&body.stmts, stmt)),
        StmtKind::Assert { condition, message } => {
            format!("(assert {}{})", expr(condition), opt(message.as_ref(), expr))
        }
        StmtKind::Configure(args) => format!("(configure{})", all(args, arg)),
        StmtKind::Function(f) => function(f),
        StmtKind::Expr(e) => expr(e),
    }
}

fn arg(a: &Arg) -> String {
    match a {
        Arg::Positional(e) => expr(e),
        Arg::Named { name, value } => format!("{}: {}", name.node, expr(value)),
        Arg::Spread(e) => format!("...{}", expr(e)),
    }
}

fn pattern(p: &Pattern) -> String {
    match &p.kind {
        PatternKind::Literal(l) => l.to_string(),
        PatternKind::Float(f) => f.to_string(),
        PatternKind::None => "none".to_owned(),
        PatternKind::Or(list) => format!("(|{})", all(list, pattern)),
        PatternKind::Wildcard => "_".to_owned(),
        PatternKind::Name(n) => n.node.to_string(),
        PatternKind::Typed { name, ty: t } => {
            format!("({} : {})", name.as_ref().map_or("_", |n| n.node.as_str()), ty(t))
        }
        PatternKind::Record(fields) => format!(
            "{{{}}}",
            all(fields, |f| match &f.pattern {
                Some(p) => format!("{}: {}", f.field.node, pattern(p)),
                None => f.field.node.to_string(),
            })
            .trim()
        ),
    }
}

fn block(b: &Block) -> String {
    format!("(block{})", all(&b.stmts, stmt))
}

pub fn expr(e: &Expr) -> String {
    match &e.kind {
        ExprKind::None => "none".to_owned(),
        ExprKind::Bool(b) => b.to_string(),
        ExprKind::Int(Some(i)) => i.to_string(),
        ExprKind::Int(None) => "too-large".to_owned(),
        ExprKind::Float(f) => format!("{f:?}"),
        ExprKind::Str(s) => source_text(s),
        ExprKind::FString(parts) => format!("(f{})", all(parts, fpart)),
        ExprKind::Name(n) => n.to_string(),
        ExprKind::List(items) => format!(
            "[{}]",
            all(items, |i| match i {
                ListItem::Item(e) => expr(e),
                ListItem::Spread(e) => format!("...{}", expr(e)),
            })
            .trim()
        ),
        ExprKind::Record(entries) => format!(
            "(record{})",
            all(entries, |e| match e {
                RecordEntry::Field { name, value } => format!("{}: {}", name.node, expr(value)),
                RecordEntry::Short(n) => n.node.to_string(),
                RecordEntry::Spread(e) => format!("...{}", expr(e)),
            })
        ),
        ExprKind::Dict(entries) => format!(
            "(dict{})",
            all(entries, |e| match e {
                DictEntry::Entry { key, value } => format!("{}: {}", source_text(&key.node), expr(value)),
                DictEntry::Spread(e) => format!("...{}", expr(e)),
            })
        ),
        ExprKind::Comprehension(c) => format!(
            "(comp {}{})",
            expr(&c.element),
            all(&c.clauses, |c| format!(
                "(for ({}) {}{})",
                all(&c.names, |n| n.node.to_string()).trim(),
                expr(&c.over),
                all(&c.conditions, |e| format!("if {}", expr(e)))
            ))
        ),
        ExprKind::Unary {
            op: UnaryOp::Neg,
            operand,
        } => format!("(neg {})", expr(operand)),
        ExprKind::Unary {
            op: UnaryOp::Not,
            operand,
        } => format!("(not {})", expr(operand)),
        ExprKind::Binary { op, left, right } => format!("({} {} {})", op.node.text(), expr(left), expr(right)),
        ExprKind::Range { start, end } => format!("(.. {} {})", expr(start), expr(end)),
        ExprKind::Pipe { left, right } => format!("(|> {} {})", expr(left), expr(right)),
        ExprKind::Call { callee, args } => format!("({}{})", expr(callee), all(args, arg)),
        ExprKind::Method {
            object,
            name,
            args,
            optional,
        } => {
            format!(
                "({}{} {}{})",
                if *optional { "?." } else { "." },
                name.node,
                expr(object),
                all(args, arg)
            )
        }
        ExprKind::Field { object, name, optional } => {
            format!(
                "({} {} {})",
                if *optional { "?field" } else { "field" },
                expr(object),
                name.node
            )
        }
        ExprKind::Index { object, index } => format!("(index {} {})", expr(object), expr(index)),
        ExprKind::Slice { object, slice } => {
            let end = |e: &Option<Expr>| e.as_ref().map_or("_".to_owned(), expr);
            format!("(slice {} {} {})", expr(object), end(&slice.start), end(&slice.end))
        }
        ExprKind::Lambda { params: p, body } => format!("(lambda{} {})", params(p), expr(body)),
        ExprKind::If {
            condition,
            then,
            otherwise,
        } => {
            format!(
                "(if {} {}{})",
                expr(condition),
                block(then),
                opt(otherwise.as_deref(), expr)
            )
        }
        ExprKind::Match { subject, arms } => format!(
            "(match {}{})",
            expr(subject),
            all(arms, |a| format!(
                "({}{} => {})",
                pattern(&a.pattern),
                opt(a.guard.as_ref(), |g| format!("if {}", expr(g))),
                expr(&a.body)
            ))
        ),
        ExprKind::Try { body, name, handler } => {
            format!(
                "(try {} catch{} {})",
                block(body),
                opt(name.as_ref(), |n| n.node.to_string()),
                block(handler)
            )
        }
        ExprKind::With { settings, body } => format!("(with ({}) {})", all(settings, arg).trim(), block(body)),
        ExprKind::Block(b) => block(b),
        ExprKind::Return(value) => format!("(return{})", opt(value.as_deref(), expr)),
        ExprKind::Break => "break".to_owned(),
        ExprKind::Continue => "continue".to_owned(),
    }
}

fn fpart(part: &FStringPart) -> String {
    match part {
        FStringPart::Text(t) => source_text(t),
        FStringPart::Value { value, format: None } => format!("{{{}}}", expr(value)),
        FStringPart::Value { value, format: Some(f) } => {
            let f = &f.node;
            let mut spec = String::new();
            spec.extend(f.fill);
            spec.extend(f.align);
            spec.extend(f.sign);
            spec.extend(f.zero.then_some('0'));
            spec.extend(f.width.map(|w| w.to_string()));
            spec.extend(f.comma.then_some(','));
            spec.extend(f.precision.map(|p| format!(".{p}")));
            spec.extend(f.kind);
            format!("{{{} : {spec}}}", expr(value))
        }
    }
}
