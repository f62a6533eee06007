//! The linear assignment problem: people to seats with the greatest total worth.

/// Worth of what must not happen: larger than any sum of worths, so that it is chosen only when nothing else is left.
const NEVER: i128 = -(1 << 119);

/// The seats' people and the total worth; `None` when a seat that must be taken cannot be, or `blanks` cannot be placed.
pub(super) type Seating = Option<(Vec<Option<usize>>, i128)>;

/// Assigns people to seats so that the total worth is greatest.
///
/// `worth(seat, person)` is `None` where a person may not sit; each person takes at most one seat. A seat for which
/// `must(seat)` holds is taken by somebody; of the others, at least `blanks` stay empty. Worths may be negative and are
/// less than 2¹⁰⁸ in sum; the potentials of at most 64 seats then stay within the type.
///
/// The Hungarian method with potentials (Kuhn 1955, Munkres 1957; shortest augmenting paths after Jonker and Volgenant
/// 1987), seats as rows. Columns are the people, then the blanks, then one empty column per seat. Cost grows with
/// seats² × people: at most 25² × a few hundred.
pub(super) fn assign(
    seats: usize,
    people: usize,
    blanks: usize,
    must: impl Fn(usize) -> bool,
    worth: impl Fn(usize, usize) -> Option<i128>,
) -> Seating {
    // More than any sum of worths, less than a prohibition.
    const PLACED: i128 = 1 << 112;
    let columns = people + blanks + seats;
    let mut costs = vec![-NEVER; seats * columns];
    for seat in 0..seats {
        let row = &mut costs[seat * columns..(seat + 1) * columns];
        for (person, cost) in row.iter_mut().enumerate().take(people) {
            if let Some(worth) = worth(seat, person) {
                *cost = -worth;
            }
        }
        if !must(seat) {
            row[people..people + blanks].fill(-PLACED);
            row[people + blanks + seat] = 0;
        }
    }
    let row_of = hungarian(seats, columns, &costs);
    let mut seated = vec![None; seats];
    let (mut total, mut placed) = (0, 0);
    for (column, row) in row_of.iter().enumerate() {
        let Some(seat) = *row else { continue };
        let cost = costs[seat * columns + column];
        if cost == -NEVER {
            return None;
        }
        if column < people {
            seated[seat] = Some(column);
            total -= cost;
        } else if column < people + blanks {
            placed += 1;
        }
    }
    (placed == blanks).then_some((seated, total))
}

/// The row of each column in an assignment of every row to a column of its own at least total cost; `rows <= columns`.
fn hungarian(rows: usize, columns: usize, costs: &[i128]) -> Vec<Option<usize>> {
    // Row and column 0 stand for "none".
    let mut row_potential = vec![0_i128; rows + 1];
    let mut column_potential = vec![0_i128; columns + 1];
    let mut row_of = vec![0_usize; columns + 1];
    let mut least = vec![i128::MAX; columns + 1];
    let mut way = vec![0_usize; columns + 1];
    let mut used = vec![false; columns + 1];
    for row in 1..=rows {
        least.fill(i128::MAX);
        used.fill(false);
        row_of[0] = row;
        let mut column = 0;
        while row_of[column] != 0 {
            used[column] = true;
            let current = row_of[column];
            let line = &costs[(current - 1) * columns..current * columns];
            let (mut delta, mut next) = (i128::MAX, 0);
            for candidate in 1..=columns {
                if used[candidate] {
                    continue;
                }
                let reduced = line[candidate - 1] - row_potential[current] - column_potential[candidate];
                if reduced < least[candidate] {
                    (least[candidate], way[candidate]) = (reduced, column);
                }
                if least[candidate] < delta {
                    (delta, next) = (least[candidate], candidate);
                }
            }
            for candidate in 0..=columns {
                if used[candidate] {
                    row_potential[row_of[candidate]] += delta;
                    column_potential[candidate] -= delta;
                } else if least[candidate] != i128::MAX {
                    least[candidate] -= delta;
                }
            }
            column = next;
        }
        while column != 0 {
            let previous = way[column];
            row_of[column] = row_of[previous];
            column = previous;
        }
    }
    row_of.into_iter().skip(1).map(|row| row.checked_sub(1)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_total_counts_not_the_first_come() {
        // Person 0 fits both seats, person 1 only the first.
        let table = [[Some(100), Some(90)], [Some(95), None]];
        assert_eq!(assign(2, 2, 0, |_| false, |seat, person| table[seat][person]), Some((vec![Some(1), Some(0)], 185)));
    }

    #[test]
    fn seats_nobody_fits_stay_empty() {
        assert_eq!(assign(2, 1, 0, |_| false, |seat, _| (seat == 1).then_some(5)), Some((vec![None, Some(0)], 5)));
        assert_eq!(assign(2, 0, 0, |_| false, |_, _| None), Some((vec![None, None], 0)));
        assert_eq!(assign(0, 3, 0, |_| false, |_, _| Some(1)), Some((vec![], 0)));
    }

    #[test]
    fn a_seat_that_must_be_taken_is_taken_at_a_loss_or_there_is_no_seating() {
        assert_eq!(assign(2, 1, 0, |seat| seat == 1, |seat, _| Some([9, -3][seat])), Some((vec![None, Some(0)], -3)));
        assert_eq!(assign(2, 1, 0, |_| true, |_, _| Some(1)), None);
    }

    #[test]
    fn blanks_keep_the_least_worthy_seats_empty() {
        let worth = |seat: usize, person: usize| (seat == person).then_some([5, 3, 4][seat]);
        assert_eq!(assign(3, 3, 1, |_| false, worth), Some((vec![Some(0), None, Some(2)], 9)));
        assert_eq!(assign(3, 3, 1, |seat| seat == 1, worth), Some((vec![Some(0), Some(1), None], 8)));
        assert_eq!(assign(3, 3, 2, |seat| seat != 0, worth), None, "two blanks, one seat that may stay empty");
    }
}
