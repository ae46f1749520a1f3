"""The cursor: a moment of the run, and the verbs that move it in both directions.

Within a recorded batch the cursor moves over the events of the trace. Between batches it restores a
stored state and replays the plain code exactly from there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from engine.debug.events import Kind, Position, Verb
from engine.debug.explain.operation_stops import operation_stops
from engine.debug.record.interruption import StopInIt, TooLong
from engine.debug.record.trace import Trace
from engine.debug.travel import stepping as stops
from engine.debug.travel.moment import Moment
from engine.debug.travel.stepping import Stops
from engine.errors import NotReached

_ENDS: Mapping[type, str] = {
    StopInIt: "The batch was stopped here.",
    TooLong: "The recording of this batch ends here: it has more events than are kept.",
}


class Cursor(Moment):
    """A moment of a run that can be moved in both directions."""

    def step_operation(self) -> bool:
        """Move to the next operation stop; see `operation_stops`."""
        return self._forward(stops.operations)

    def step_into(self) -> bool:
        """Move to the next event."""
        return self._forward(stops.everywhere)

    def step_over(self) -> bool:
        """Move to the next line of this frame or of a caller.

        From any other event, move to the next event of this frame or of a caller.
        """
        return self._forward(stops.over)

    def step_out(self) -> bool:
        """Move to the next event of a caller; from the outermost frame, to the next batch."""
        return self._forward(stops.out)

    def step_batch(self) -> bool:
        """Move to event 0 of the next batch."""
        return self._forward(stops.nowhere)

    def step_back_operation(self) -> bool:
        """Move to the previous operation stop."""
        return self._backward(stops.operations)

    def step_back_into(self) -> bool:
        """Move to the previous event."""
        return self._backward(stops.everywhere)

    def step_back_over(self) -> bool:
        """Move to the previous line of this frame or of a caller.

        From any other event, move to the previous event of this frame or of a caller.
        """
        return self._backward(stops.over)

    def step_back_out(self) -> bool:
        """Move to the caller's last event before the call; from the outermost frame to event 0."""
        if self.trace.frame(self._event).parent is None:
            return self.step_back_batch()
        return self._backward(stops.out)

    def step_back_batch(self) -> bool:
        """Move to event 0 of this batch; from there, to event 0 of the previous batch."""
        if self._event == 0 and self._batch == 0:
            return False
        self._go(Position(self._batch - (self._event == 0), 0))
        return True

    def step(self, verb: Verb) -> bool:
        """Move by a verb. False: the verb cannot move from here, and the cursor stays."""
        return _VERBS[verb](self)

    def blocked(self) -> dict[str, str]:
        """The verbs that cannot move from here, each with the reason (an English sentence)."""
        found: dict[str, str] = {}
        if self.position == (0, 0):
            why = "This is the first event of the run."
            found.update({verb: why for verb in Verb if "back" in verb})
        trace = self._trace
        if trace is not None and trace.error is not None and self._event == len(trace) - 1:
            why = _ENDS.get(type(trace.error), "The run ends here, with an exception.")
            if trace.ends_the_run:
                why = "The run ends here: the step has said so."
            found.update({verb: why for verb in Verb if "back" not in verb})
        return found

    def goto(self, batch: int, event: int = 0) -> None:
        """Move to any event of a batch that has run or is the cursor's, or to event 0 of the next.

        Raises:
            NotReached: the batch has not run, or has no such event.
        """
        self._go_to(batch, event, lambda trace: range(len(trace)))

    def goto_stop(self, batch: int, number: int = 0) -> None:
        """Move as `goto` does, but to an operation stop by its number, counted from 0.

        Raises:
            NotReached: the batch has not run, or has no such stop.
        """
        self._go_to(batch, number, operation_stops)

    def _go_to(self, batch: int, number: int, places: Callable[[Trace], Sequence[int]]) -> None:
        """Move to an event of a batch, by its number among the places of the batch's trace."""
        ahead = batch == self.reach and number > 0 and batch != self._batch
        if not 0 <= batch <= self.reach or number < 0 or ahead:
            raise NotReached(batch=batch, event=number, reach=self.reach, events=None)
        came_from = self.position
        self._go(Position(batch, 0))
        if number == 0:
            return
        found = places(self.trace)
        if number >= len(found):
            self._go(Position(came_from.batch, 0))
            self._move_to(came_from.event)
            raise NotReached(batch=batch, event=number, reach=self.reach, events=len(found))
        self._move_to(found[number])

    def _forward(self, verb: Stops) -> bool:
        trace = self.trace
        stops_at = verb(trace, self._event)
        for event in range(self._event + 1, len(trace)):
            if stops_at(event):
                self._move_to(event)
                return True
        if trace.error is not None:
            if self._event == len(trace) - 1:
                return False
            self._move_to(len(trace) - 1)
            return True
        self._count_as_run(trace)
        self._go(Position(self._batch + 1, 0))
        return True

    def _backward(self, verb: Stops) -> bool:
        trace = self.trace
        stops_at = verb(trace, self._event)
        for event in range(self._event - 1, -1, -1):
            if stops_at(event):
                self._move_to(event)
                return True
        if self._batch == 0:
            return False
        self._go(Position(self._batch - 1, 0))
        trace = self.trace
        last = len(trace) - 1
        if verb is stops.over:  # from the first line, to the last line of the previous step
            last = max(e for e in trace.events_of[id(trace.frame(0))] if trace.kind(e) is Kind.LINE)
        elif verb is stops.operations:
            last = operation_stops(trace)[-1]
        self._move_to(last)
        return True


_VERBS: Mapping[Verb, Callable[[Cursor], bool]] = {
    Verb.OPERATION: Cursor.step_operation,
    Verb.INTO: Cursor.step_into,
    Verb.OVER: Cursor.step_over,
    Verb.OUT: Cursor.step_out,
    Verb.BATCH: Cursor.step_batch,
    Verb.BACK_OPERATION: Cursor.step_back_operation,
    Verb.BACK_INTO: Cursor.step_back_into,
    Verb.BACK_OVER: Cursor.step_back_over,
    Verb.BACK_OUT: Cursor.step_back_out,
    Verb.BACK_BATCH: Cursor.step_back_batch,
}
