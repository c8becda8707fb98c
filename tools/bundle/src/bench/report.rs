//! What was found, as a table for people and as JSON for programs.

use anyhow::Result;
use serde::{Deserialize, Serialize};

use super::machine::Machine;

/// Ways that have goals.
pub(super) const COLD: &str = "C: cold";
pub(super) const SEARCH: &str = "C: warm, a search's first time";
pub(super) const FIRST_TIME: &str = "C: warm, a page's first time";
pub(super) const AGAIN: &str = "C: warm, the page again";

/// What a way ought to reach.
struct Goal {
    way: &'static str,
    customers: u64,
    is_of: Measure,
}

/// What a goal is of, and the goal.
enum Measure {
    /// At least so many times faster than A.
    TimesFaster(u32),
    /// At most so many milliseconds.
    Cpu(u32),
}

const GOALS: [Goal; 11] = [
    Goal { way: COLD, customers: 100_000, is_of: Measure::Cpu(200) },
    Goal { way: COLD, customers: 1_000_000, is_of: Measure::Cpu(2_000) },
    Goal { way: SEARCH, customers: 10_000, is_of: Measure::TimesFaster(50) },
    Goal { way: SEARCH, customers: 100_000, is_of: Measure::TimesFaster(500) },
    Goal { way: SEARCH, customers: 1_000_000, is_of: Measure::Cpu(10) },
    Goal { way: FIRST_TIME, customers: 10_000, is_of: Measure::TimesFaster(50) },
    Goal { way: FIRST_TIME, customers: 100_000, is_of: Measure::TimesFaster(500) },
    Goal { way: FIRST_TIME, customers: 1_000_000, is_of: Measure::Cpu(10) },
    Goal { way: AGAIN, customers: 10_000, is_of: Measure::TimesFaster(50) },
    Goal { way: AGAIN, customers: 100_000, is_of: Measure::TimesFaster(500) },
    Goal { way: AGAIN, customers: 1_000_000, is_of: Measure::Cpu(10) },
];

/// One way to a list, for one number of customers. Times are the middle of all runs, the rest is the mean of a run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct ListLine {
    pub(super) customers: u64,
    pub(super) what: String,
    pub(super) runs: usize,
    pub(super) wall_ms: f64,
    /// Of the process that lists, all its threads; not the database's.
    pub(super) cpu_ms: f64,
    /// Requests to DynamoDB.
    pub(super) calls: f64,
    pub(super) round_trips: f64,
    pub(super) read_units: f64,
    /// Of the items read.
    pub(super) kilobytes: f64,
    /// Of the process, after the last run.
    pub(super) memory_mb: f64,
    /// Wall time of the first way of that size divided by this one's.
    pub(super) times_faster: Option<f64>,
}

/// Any other result.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Figure {
    group: String,
    what: String,
    value: f64,
    unit: String,
    goal: Option<String>,
}

impl Figure {
    pub(super) fn new(group: &str, what: &str, value: f64, unit: &str) -> Self {
        Self { group: group.to_owned(), what: what.to_owned(), value, unit: unit.to_owned(), goal: None }
    }

    /// The same, with what it ought to be.
    pub(super) fn goal(self, goal: &str) -> Self {
        Self { goal: Some(goal.to_owned()), ..self }
    }
}

/// All results of a run.
#[derive(Debug, Serialize)]
pub(super) struct Report {
    /// What makes such a report.
    command: String,
    machine: Machine,
    lists: Vec<ListLine>,
    figures: Vec<Figure>,
}

const LIST_HEAD: [&str; 10] =
    ["customers", "way", "wall ms", "CPU ms", "calls", "round trips", "read units", "KB read", "memory MB", "× faster"];

/// What the ways are, so that nobody has to guess what was compared.
const LIST_NOTES: &str = "\
Name contains, by name descending, offset N/10, 100 customers, exact total.

- A is what is usually done, at its best: all documents stand in four partitions, read by Query in pages of 1 MB, all four
  at once. BatchGetItem by id would cost about four times the read units and ten times the calls.
- B reads all packed rows at each request, over connections that are open.
- C, cold, is the first request of a process, connections included; warm, one of those after it. A search's first time looks
  for another part of names each time, of eight in turn, more than are kept, in pages that were not read before; a page's
  first time goes on to the next page of the same search.

C holds what the lists of NeuCRM look at. B and C read the login, too. Times are medians, the rest are means. CPU and memory
are those of the process that lists; the database runs in another one.

";

impl Report {
    pub(super) fn new(command: String) -> Self {
        Self { command, machine: Machine::describe(), lists: Vec::new(), figures: Vec::new() }
    }

    pub(super) fn add_lists(&mut self, lines: Vec<ListLine>) {
        self.lists.extend(lines);
    }

    pub(super) fn add_figures(&mut self, figures: Vec<Figure>) {
        self.figures.extend(figures);
    }

    /// Compares the ways of each size with the first one of it, and what has a goal with that.
    pub(super) fn complete(&mut self) {
        let firsts = self.lists.clone();
        for line in &mut self.lists {
            let first = firsts.iter().find(|first| first.customers == line.customers);
            line.times_faster = first.map(|first| first.wall_ms / line.wall_ms);
        }
        let mut goals = Vec::new();
        for line in &self.lists {
            let figure = |what: &str, value, unit| {
                Figure::new("Goals of lists", &format!("{} customers: {what}", line.customers), value, unit)
            };
            if line.what == AGAIN {
                goals.push(figure("read units of a page served before", line.read_units, "").goal("5"));
            }
            let of_line = GOALS.iter().filter(|goal| (goal.way, goal.customers) == (&line.what, line.customers));
            goals.extend(of_line.map(|goal| match goal.is_of {
                Measure::TimesFaster(least) => {
                    let what = format!("{}, against A", goal.way);
                    figure(&what, line.times_faster.unwrap_or_default(), "×").goal(&format!("≥ {least} ×"))
                }
                Measure::Cpu(most) => {
                    figure(&format!("{}, CPU", goal.way), line.cpu_ms, "ms").goal(&format!("≤ {most} ms"))
                }
            }));
        }
        goals.append(&mut self.figures);
        self.figures = goals;
    }

    pub(super) fn json(&self) -> Result<String> {
        Ok(serde_json::to_string_pretty(self)? + "\n")
    }

    pub(super) fn markdown(&self) -> String {
        let Self { command, machine, .. } = self;
        let mut text =
            format!("# Measured by `bundle bench`\n\n    {command}\n\n{}\n\n## Lists\n\n", machine.sentence());
        text.push_str(LIST_NOTES);
        let lines = self.lists.iter().map(ListLine::cells).collect::<Vec<_>>();
        text.push_str(&table(&LIST_HEAD.map(str::to_owned), &lines));
        let mut rest = self.figures.as_slice();
        while let Some(first) = rest.first() {
            let (group, others) = rest.split_at(rest.iter().take_while(|figure| figure.group == first.group).count());
            text.push_str(&format!("\n## {}\n\n", first.group));
            let lines: Vec<_> = group.iter().map(Figure::cells).collect();
            text.push_str(&table(&["what", "measured", "goal"].map(str::to_owned), &lines));
            rest = others;
        }
        text
    }
}

impl ListLine {
    fn cells(&self) -> Vec<String> {
        let numbers = [
            self.wall_ms,
            self.cpu_ms,
            self.calls,
            self.round_trips,
            self.read_units,
            self.kilobytes,
            self.memory_mb,
            self.times_faster.unwrap_or_default(),
        ];
        [self.customers.to_string(), self.what.clone()].into_iter().chain(numbers.map(number)).collect()
    }
}

impl Figure {
    fn cells(&self) -> Vec<String> {
        let value = format!("{} {}", number(self.value), self.unit);
        vec![self.what.clone(), value.trim().to_owned(), self.goal.clone().unwrap_or_default()]
    }
}

/// Three digits that count, or all before the point.
pub(super) fn number(value: f64) -> String {
    let digits = match value.abs() {
        v if v.fract() == 0.0 || v >= 100.0 => 0,
        v if v >= 10.0 => 1,
        _ => 2,
    };
    format!("{value:.digits$}")
}

/// A table that Markdown and people read alike: texts left, numbers right.
pub(super) fn table(head: &[String], lines: &[Vec<String>]) -> String {
    let width = |column: usize| {
        let cells = lines.iter().filter_map(|line| line.get(column)).chain(head.get(column));
        cells.map(|cell| cell.chars().count()).max().unwrap_or_default()
    };
    let widths: Vec<usize> = (0..head.len()).map(width).collect();
    let is_number = |column: usize| {
        let mut cells = lines.iter().filter_map(|line| line.get(column));
        cells.all(|cell| {
            let mut words = cell.split(' ');
            // A number, and its unit if it has one.
            words.next().is_some_and(|word| word.parse::<f64>().is_ok()) && words.nth(1).is_none()
        })
    };
    let row = |cells: &[String]| {
        let cells = cells.iter().zip(&widths).enumerate().map(|(column, (cell, width))| {
            if is_number(column) { format!(" {cell:>width$} |") } else { format!(" {cell:<width$} |") }
        });
        format!("|{}\n", cells.collect::<String>())
    };
    let rule = widths.iter().enumerate().map(|(column, width)| {
        let dashes = "-".repeat(width + 1);
        if is_number(column) { format!("{dashes}:|") } else { format!("{dashes}-|") }
    });
    let rule = format!("|{}\n", rule.collect::<String>());
    row(head) + &rule + &lines.iter().map(|line| row(line)).collect::<String>()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(customers: u64, wall_ms: f64) -> ListLine {
        ListLine {
            customers,
            what: "way".to_owned(),
            runs: 1,
            wall_ms,
            cpu_ms: 0.0,
            calls: 0.0,
            round_trips: 0.0,
            read_units: 0.0,
            kilobytes: 0.0,
            memory_mb: 0.0,
            times_faster: None,
        }
    }

    #[test]
    fn ways_are_compared_with_the_first_one_of_their_size() {
        let mut report = Report::new("bundle bench".to_owned());
        report.add_lists(vec![line(10, 8.0), line(10, 2.0), line(20, 9.0), line(20, 1.0)]);
        report.complete();
        let ratios: Vec<_> = report.lists.iter().filter_map(|line| line.times_faster.map(f64::round)).collect();
        assert_eq!(ratios, [1.0, 4.0, 1.0, 9.0]);
    }

    #[test]
    fn numbers_have_three_digits_that_count() {
        for (value, text) in [(0.0, "0"), (4.0, "4"), (0.256, "0.26"), (12.34, "12.3"), (25265.5, "25266")] {
            assert_eq!(number(value), text);
        }
    }

    #[test]
    fn a_table_lines_up_whatever_the_letters() {
        let cells = |cells: [&str; 2]| cells.map(str::to_owned).to_vec();
        let lines = [cells(["João", "7"]), cells(["Al", "12"])];
        let expected = "| name | n  |\n|------|---:|\n| João |  7 |\n| Al   | 12 |\n";
        assert_eq!(table(&cells(["name", "n "]), &lines), expected);
    }

    #[test]
    fn figures_stand_under_their_group_with_their_goal() {
        let mut report = Report::new("bundle bench".to_owned());
        report.add_figures(vec![Figure::new("One", "a", 1.5, "ms").goal("≤ 2 ms"), Figure::new("Two", "b", 2.0, "")]);
        let text = report.markdown();
        let (_, after) = text.split_once("## One\n").unwrap();
        let (one, two) = after.split_once("## Two\n").unwrap();
        assert!(one.contains("1.50 ms") && one.contains("≤ 2 ms") && two.contains("| b"), "{text}");
        let json: serde_json::Value = serde_json::from_str(&report.json().unwrap()).unwrap();
        assert_eq!(json["figures"][0]["goal"], "≤ 2 ms");
    }
}
