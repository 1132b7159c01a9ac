"""What the scripts of `scripts/faults` share."""


class Fault(Exception):
    """Something that had to hold does not."""


def require(holds, what):
    if not holds:
        raise Fault(what)
