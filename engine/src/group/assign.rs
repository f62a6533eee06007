//! Who sits where: the exact assignment of people to seats with the greatest total.

/// Worth of leaving a seat empty, and of a person on a seat they do not fit.
const EMPTY: i64 = 0;
const NEVER: i64 = -1_000_000_000;

/// Assigns people to seats so that the total worth is greatest. `worth(seat, person)` is `None` where a person does not
/// fit; each person takes at most one seat, a seat may stay empty. Returns the person of each seat.
///
/// The Hungarian method with potentials, seats as rows; every seat has an empty column of its own, so that a solution
/// always exists. Cost grows with seats² × people: at most 19² × a few hundred.
pub(super) fn assign(seats: usize, people: usize, worth: impl Fn(usize, usize) -> Option<i64>) -> Vec<Option<usize>> {
    let columns = people + seats;
    let cost = |seat: usize, column: usize| -> i64 {
        let worth = match column.checked_sub(people) {
            None => worth(seat, column).unwrap_or(NEVER),
            Some(own) if own == seat => EMPTY,
            Some(_) => NEVER,
        };
        -worth
    };
    // Row and column 0 stand for "none".
    let mut row_potential = vec![0_i64; seats + 1];
    let mut column_potential = vec![0_i64; columns + 1];
    let mut row_of = vec![0_usize; columns + 1];
    for row in 1..=seats {
        let mut least = vec![i64::MAX; columns + 1];
        let mut way = vec![0_usize; columns + 1];
        let mut used = vec![false; columns + 1];
        row_of[0] = row;
        let mut column = 0;
        while row_of[column] != 0 {
            used[column] = true;
            let current = row_of[column];
            let (mut delta, mut next) = (i64::MAX, 0);
            for candidate in 1..=columns {
                if used[candidate] {
                    continue;
                }
                let reduced = cost(current - 1, candidate - 1) - row_potential[current] - column_potential[candidate];
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
                } else if least[candidate] != i64::MAX {
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
    let mut seated = vec![None; seats];
    for (column, row) in row_of.iter().enumerate().skip(1).take(people) {
        if *row > 0 && worth(*row - 1, column - 1).is_some() {
            seated[*row - 1] = Some(column - 1);
        }
    }
    seated
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_total_counts_not_the_first_come() {
        // Person 0 fits both seats, person 1 only the first.
        let table = [[Some(100), Some(90)], [Some(95), None]];
        assert_eq!(assign(2, 2, |seat, person| table[seat][person]), [Some(1), Some(0)]);
    }

    #[test]
    fn seats_nobody_fits_stay_empty() {
        assert_eq!(assign(2, 1, |seat, _| (seat == 1).then_some(5)), [None, Some(0)]);
        assert_eq!(assign(2, 0, |_, _| None), [None, None]);
        assert_eq!(assign(0, 3, |_, _| Some(1)), []);
    }
}
