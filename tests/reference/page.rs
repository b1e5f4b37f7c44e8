//! A Markdown page as prose and fenced blocks.

pub struct Fence {
    /// What stands behind the opening fence.
    pub info: String,
    pub text: String,
}

pub enum Piece {
    Prose(String),
    Fence(Fence),
}

impl Piece {
    pub fn fence(&self) -> Option<&Fence> {
        match self {
            Piece::Fence(fence) => Some(fence),
            Piece::Prose(_) => None,
        }
    }

    pub fn fence_mut(&mut self) -> Option<&mut Fence> {
        match self {
            Piece::Fence(fence) => Some(fence),
            Piece::Prose(_) => None,
        }
    }

    pub fn text(&self) -> String {
        match self {
            Piece::Prose(text) => text.clone(),
            Piece::Fence(fence) => format!("```{}\n{}```\n", fence.info, fence.text),
        }
    }
}

pub fn pieces(page: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut prose = String::new();
    let mut open: Option<Fence> = None;
    for line in page.lines() {
        match (&mut open, line.strip_prefix("```")) {
            (None, Some(info)) => {
                pieces.push(Piece::Prose(std::mem::take(&mut prose)));
                open = Some(Fence {
                    info: info.to_owned(),
                    text: String::new(),
                });
            }
            (Some(_), Some(_)) => pieces.extend(open.take().map(Piece::Fence)),
            (Some(fence), None) => fence.text += &format!("{line}\n"),
            (None, None) => prose += &format!("{line}\n"),
        }
    }
    pieces.push(Piece::Prose(prose));
    pieces
}
