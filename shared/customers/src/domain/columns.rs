//! What a list needs of the list index.

use super::{Condition, Filter, ListQuery, SortKey, TextField};

/// A part of the list index that a process holds only if its lists need it. Ids, owners, parents, kinds, ways of billing and
/// switches are always there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Column {
    /// The values of a field, folded.
    Text(TextField),
    /// How names and references were written: what a [`Superior`](crate::Superior) shows.
    WrittenCase,
    /// GUIDs.
    Guid,
    /// Ids of services.
    Service,
    /// When customers were created.
    Created,
    /// When they were changed last.
    Updated,
    /// The [rare fields](super::RareField), and currencies.
    Rare,
}

impl Column {
    /// A number of its own.
    const fn number(self) -> u32 {
        match self {
            Self::WrittenCase => 0,
            Self::Guid => 1,
            Self::Service => 2,
            Self::Created => 3,
            Self::Updated => 4,
            Self::Rare => 5,
            Self::Text(field) => 6 + field as u32,
        }
    }
}

/// A set of columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Columns(u32);

impl Columns {
    /// All there are.
    pub const ALL: Self = Self(u32::MAX);

    /// These columns.
    pub const fn of(columns: &[Column]) -> Self {
        let (mut set, mut rest) = (0, columns);
        while let [column, others @ ..] = rest {
            set |= 1 << column.number();
            rest = others;
        }
        Self(set)
    }

    /// Whether `column` is one of them.
    pub fn hold(self, column: Column) -> bool {
        self.0 & (1 << column.number()) != 0
    }

    /// Those of either.
    pub const fn and(self, others: Self) -> Self {
        Self(self.0 | others.0)
    }

    /// Whether all of `others` are among them.
    pub(crate) fn include(self, others: Self) -> bool {
        self.and(others) == self
    }
}

impl Condition {
    fn column(&self) -> Option<Column> {
        match self {
            Self::Text(field, _) => Some(Column::Text(*field)),
            Self::Guid(_) => Some(Column::Guid),
            Self::Service(_) => Some(Column::Service),
            Self::CreatedFrom(_) | Self::CreatedBefore(_) => Some(Column::Created),
            Self::UpdatedFrom(_) | Self::UpdatedBefore(_) => Some(Column::Updated),
            Self::Id(_)
            | Self::Isp(_)
            | Self::Reseller(_)
            | Self::Parent(_)
            | Self::Organisation(_)
            | Self::Partner(_)
            | Self::Kind(_)
            | Self::BillType(_)
            | Self::Directory(_)
            | Self::Active(_)
            | Self::Deleted(_) => None,
        }
    }
}

impl SortKey {
    fn column(self) -> Option<Column> {
        match self {
            Self::Text(field) => Some(Column::Text(field)),
            Self::Created => Some(Column::Created),
            Self::Updated => Some(Column::Updated),
            Self::Currency | Self::Rare(_) => Some(Column::Rare),
            Self::Id | Self::Active | Self::HasParent => None,
        }
    }
}

impl Filter {
    /// The columns that its conditions look at.
    pub(crate) fn columns(&self) -> impl Iterator<Item = Column> {
        self.0.iter().filter_map(Condition::column)
    }
}

impl ListQuery {
    /// The columns that it filters and sorts on.
    pub(crate) fn columns(&self) -> impl Iterator<Item = Column> {
        self.filter.columns().chain(self.sort.key.column())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_column_has_a_number_of_its_own() {
        let others =
            [Column::WrittenCase, Column::Guid, Column::Service, Column::Created, Column::Updated, Column::Rare];
        let all: Vec<Column> = others.into_iter().chain(TextField::ALL.map(Column::Text)).collect();
        for column in &all {
            let set = Columns::of(&[*column]);
            let held: Vec<&Column> = all.iter().filter(|other| set.hold(**other)).collect();
            assert_eq!(held, [column]);
            assert!(Columns::ALL.include(set) && !set.include(Columns::ALL));
        }
    }

    #[test]
    fn sets_add_up() {
        let (names, guids) = (Columns::of(&[Column::Text(TextField::Name)]), Columns::of(&[Column::Guid]));
        let both = Columns::of(&[Column::Guid, Column::Text(TextField::Name)]);
        assert_eq!(names.and(guids), both);
        assert!(both.include(names) && both.include(guids) && !names.include(both));
    }
}
