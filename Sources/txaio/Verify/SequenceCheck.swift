/// Finds out from the numbers of events which are missing and which came twice.
///
/// Each thread of each run of a process numbers its events from one on, without a gap.
struct SequenceCheck {
    /// The events of one thread of one run.
    struct Thread: Encodable {
        struct Gap: Encodable {
            let from: UInt64
            let to: UInt64
        }

        let run: String
        let thread: UInt64
        var events: UInt64 = 0
        /// Came again without a mark that they may.
        var doubled: UInt64 = 0
        /// Came again as recovered events that may be repeated, and say so.
        var repeated: UInt64 = 0
        var outOfOrder: UInt64 = 0
        /// Numbers that were there, apart from each other, in order.
        fileprivate var ranges: [ClosedRange<UInt64>] = []
        fileprivate var latest: UInt64 = 0

        var first: UInt64 { ranges.first?.lowerBound ?? 0 }
        var last: UInt64 { ranges.last?.upperBound ?? 0 }
        var missing: UInt64 { SequenceCheck.sum(gaps.lazy.map { SequenceCheck.sum([$0.to - $0.from, 1]) }) }
        var gaps: [Gap] {
            zip(ranges, ranges.dropFirst()).map { Gap(from: $0.upperBound + 1, to: $1.lowerBound - 1) }
        }

        private enum CodingKeys: String, CodingKey {
            case run, thread, events, first, last, missing, gaps, doubled, repeated, outOfOrder
        }

        func encode(to encoder: any Encoder) throws {
            var values = encoder.container(keyedBy: CodingKeys.self)
            try values.encode(run, forKey: .run)
            try values.encode(thread, forKey: .thread)
            try values.encode(events, forKey: .events)
            try values.encode(first, forKey: .first)
            try values.encode(last, forKey: .last)
            try values.encode(missing, forKey: .missing)
            try values.encode(gaps, forKey: .gaps)
            try values.encode(doubled, forKey: .doubled)
            try values.encode(repeated, forKey: .repeated)
            try values.encode(outOfOrder, forKey: .outOfOrder)
        }

        fileprivate init(run: String, thread: UInt64) {
            self.run = run
            self.thread = thread
        }

        fileprivate mutating func saw(_ number: UInt64, mayBeRepeated: Bool) {
            events += 1
            if number < latest { outOfOrder += 1 }
            latest = number
            // Nearly all come in order.
            if let last = ranges.last, last.upperBound < .max, number == last.upperBound + 1 {
                ranges[ranges.count - 1] = last.lowerBound...number
            } else if !insert(number) {
                if mayBeRepeated { repeated += 1 } else { doubled += 1 }
            }
        }

        /// Answers false where it was there.
        private mutating func insert(_ number: UInt64) -> Bool {
            var (low, high) = (0, ranges.count)
            while low < high {
                let middle = (low + high) / 2
                if ranges[middle].upperBound < number { low = middle + 1 } else { high = middle }
            }
            if low < ranges.count, ranges[low].contains(number) { return false }
            let joinsNext = low < ranges.count && number < .max && ranges[low].lowerBound == number + 1
            let joinsLast = low > 0 && number > 0 && ranges[low - 1].upperBound == number - 1
            switch (joinsLast, joinsNext) {
            case (true, true):
                ranges[low - 1] = ranges[low - 1].lowerBound...ranges[low].upperBound
                ranges.remove(at: low)
            case (true, false): ranges[low - 1] = ranges[low - 1].lowerBound...number
            case (false, true): ranges[low] = number...ranges[low].upperBound
            case (false, false): ranges.insert(number...number, at: low)
            }
            return true
        }
    }

    /// In the order in which they were first seen.
    private(set) var threads: [Thread] = []
    private var places: [String: Int] = [:]
    /// Events without a number, and lines that are none.
    private(set) var unnumbered: UInt64 = 0

    mutating func take(_ event: ShownEvent) {
        guard let parts = event.sequence?.split(separator: "-"), parts.count == 3,
            let thread = UInt64(parts[1]), let number = UInt64(parts[2])
        else { return takeOther() }
        let key = "\(parts[0])-\(thread)"
        let place = places[key] ?? threads.count
        if place == threads.count {
            places[key] = place
            threads.append(Thread(run: String(parts[0]), thread: thread))
        }
        threads[place].saw(number, mayBeRepeated: event.value("log_maybe_repeated") == .bool(true))
    }

    mutating func takeOther() { unnumbered += 1 }

    var events: UInt64 { threads.reduce(0) { $0 + $1.events } }
    var missing: UInt64 { Self.sum(threads.lazy.map(\.missing)) }

    /// No more than there is room for, whatever numbers somebody wrote.
    fileprivate static func sum(_ numbers: some Sequence<UInt64>) -> UInt64 {
        numbers.reduce(0) { sum, number in
            let (result, isTooMuch) = sum.addingReportingOverflow(number)
            return isTooMuch ? .max : result
        }
    }
    var doubled: UInt64 { threads.reduce(0) { $0 + $1.doubled } }
}
