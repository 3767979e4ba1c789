/** Recursion to the end of the stack, and calls on the way back. Runs inside a realm. */

const { apply } = Reflect;

/** Lists of arguments: each takes a little more stack, so that frames meet the limit elsewhere. */
const shifts = Array.from({ length: 24 }, (_, count) => new Array(count).fill(0));

/** By how much the stack is shifted from one recursion to the next: at 1, none of the 24 shifts is left out. */
export function shiftsBy(step) {
  return shifts.filter((_, shift) => shift % step === 0);
}

/**
 * Recurses to the limit, and makes the call in each of the last frames on the way back, until it has gone well `enough` times in a row or
 * `frames` frames are behind. Gives what came of it, returned and thrown alike. Nothing is looked at down there, as there is no room
 * for it.
 */
export function nearLimit(call, shift, { frames = 250, enough = 8 } = {}) {
  const outcomes = new Array(frames).fill(undefined);
  let count = 0;
  let good = 0;
  const down = () => {
    try {
      down();
    } catch {
      // the limit
    }
    if (count >= frames || good >= enough) return;
    try {
      outcomes[count] = call();
      good++;
    } catch (error) {
      outcomes[count] = error;
      good = 0;
    }
    count++;
  };
  apply(down, undefined, shift);
  outcomes.length = count;
  return outcomes;
}
