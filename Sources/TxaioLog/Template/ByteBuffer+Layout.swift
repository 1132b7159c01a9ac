// Padding and grouping in place, at the end of the content, so that no text is ever built elsewhere first.

extension ByteBuffer {
    /// Opens `length` bytes at `offset`, moving what follows.
    ///
    /// Their content is undefined.
    internal mutating func openGap(at offset: Int, _ length: Int) {
        guard length > 0, offset <= used else { return }
        reserve(length)
        let from = UnsafeMutableRawPointer(base + offset)
        (from + length).copyMemory(from: from, byteCount: used - offset)
        used += length
    }

    /// Inserts `count` copies of a scalar at `offset`.
    internal mutating func insert(_ scalar: UInt32, count: Int, at offset: Int) {
        guard count > 0 else { return }
        let length = utf8Length(scalar)
        openGap(at: offset, length * count)
        fill(scalar, length: length, count: count, at: offset)
    }

    /// Appends `count` copies of a scalar.
    internal mutating func append(_ scalar: UInt32, count: Int) { insert(scalar, count: count, at: used) }

    private mutating func fill(_ scalar: UInt32, length: Int, count: Int, at offset: Int) {
        if length == 1 {
            (base + offset).update(repeating: UInt8(truncatingIfNeeded: scalar), count: count)
            return
        }
        for copy in 0..<count {
            let to = base + (offset + copy * length)
            for index in 0..<length {
                let shift = UInt32(6 * (length - 1 - index))
                let lead: UInt32 = index > 0 ? 0x80 : length == 2 ? 0xC0 : length == 3 ? 0xE0 : 0xF0
                to[index] = UInt8(truncatingIfNeeded: lead | (scalar >> shift & (index > 0 ? 0x3F : 0xFF)))
            }
        }
    }

    private func utf8Length(_ scalar: UInt32) -> Int {
        scalar < 0x80 ? 1 : scalar < 0x800 ? 2 : scalar < 0x10000 ? 3 : 4
    }

    /// Applies precision and width to a text: what was written from `start` on, valid UTF-8.
    ///
    /// The specification is resolved.
    internal mutating func arrange(textFrom start: Int, _ spec: FormatSpecification) {
        let text = UnsafeRawBufferPointer(start: base + start, count: used - start)
        if spec.precision >= 0 { used = start + text.length(ofScalars: spec.precision) }
        guard spec.width > 0 else { return }
        let kept = UnsafeRawBufferPointer(start: base + start, count: used - start)
        let padding = spec.width - kept.scalarCount
        guard padding > 0 else { return }
        let before = spec.alignment == 0x3E ? padding : spec.alignment == 0x5E ? padding / 2 : 0
        insert(spec.fill, count: before, at: start)
        append(spec.fill, count: padding - before)
    }

    /// Groups and pads a number: what was written from `start` on as `head` bytes of sign and prefix, `digits` digits,
    /// and a rest of `rest` scalars.
    ///
    /// Mirrors CPython's `calc_number_widths`.
    internal mutating func arrange(
        numberFrom start: Int,
        head: Int,
        digits: Int,
        rest: Int,
        _ spec: FormatSpecification
    ) {
        let group = spec.groupSize
        guard spec.width > 0 || group > 0 else { return }
        let isZeroPadded = spec.fill == 0x30 && spec.alignment == 0x3D
        let minimum = isZeroPadded ? spec.width - head - rest : 0
        let plan = GroupPlan(digits: digits, minimum: minimum, group: group)
        let padding = max(0, spec.width - head - rest - plan.length)
        let inner = spec.alignment == 0x3D ? padding : 0
        let before = spec.alignment == 0x3E ? padding : spec.alignment == 0x5E ? padding / 2 : 0

        let place = start + head
        openGap(at: place, plan.length - digits)
        if plan.length > digits { spread(at: place, digits: digits, plan, separator: spec.separator) }
        insert(spec.fill, count: inner, at: place)
        insert(spec.fill, count: before, at: start)
        append(spec.fill, count: padding - inner - before)
    }

    /// Moves digits from the end of their place to where the plan has them, with zeros and separators between.
    private mutating func spread(at place: Int, digits: Int, _ plan: GroupPlan, separator: UInt8) {
        var from = place + plan.length - digits
        var to = place
        for left in stride(from: plan.digits, to: 0, by: -1) {
            if plan.group > 0, left != plan.digits, left % plan.group == 0 {
                base[to] = separator
                to += 1
            }
            if left > digits {
                base[to] = 0x30
            } else {
                base[to] = base[from]
                from += 1
            }
            to += 1
        }
    }
}

/// How many digits, leading zeros included, and separators a number takes: CPython's `_PyUnicode_InsertThousandsGrouping`,
/// which puts another zero before a separator that would stand first.
private struct GroupPlan {
    let group: Int
    private(set) var digits = 0
    private(set) var length = 0

    init(digits count: Int, minimum: Int, group: Int) {
        self.group = group
        if count == 0 { return }
        if group == 0 {
            digits = max(count, minimum)
            length = digits
            return
        }
        var remaining = count
        var minimum = max(0, minimum)
        while true {
            let size = min(group, max(remaining, minimum, 1))
            digits += size
            length += size
            remaining -= min(max(0, remaining), size)
            minimum -= size
            if remaining <= 0, minimum <= 0 { return }
            length += 1
            minimum -= 1
        }
    }
}
