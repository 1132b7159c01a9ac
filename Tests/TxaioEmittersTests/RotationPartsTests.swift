import Testing

@testable import TxaioEmitters

@Suite("Names, times and choices of files that were put aside") struct RotationPartsTests {
    @Test func aNameSaysWhenAndIsReadBack() throws {
        let stamp = RotatedName.stamp(of: 1_795_396_500_123_456_789)
        #expect(stamp == "20261123T011500.123456Z")
        for form in RotatedName.Form.allCases {
            let name = RotatedName(stamp: stamp, form: form)
            #expect(RotatedName(name.name(of: "app.log"), of: "app.log") == name)
        }
        #expect(RotatedName(stamp: stamp, form: .compressed).name(of: "a") == "a.20261123T011500.123456Z.gz")
    }

    @Test(arguments: [
        "app.log", "app.log.", "app.log.1", "app.log.20261123", "app.log.20261123T011500.123456", "app.log-20261123",
        "app.log.20261123T011500.123456Z.", "app.log.20261123T011500.123456Z.bz2",
        "app.log.20261123T011500.123456Z.gz~",
        "app.log.20261123T011500.123456Z.gz.gz", "app.log.20261323T011500.123456Z", "app.log.20261100T011500.123456Z",
        "app.log.20261123T241500.123456Z", "app.log.20261123T016000.123456Z", "app.log.20261123t011500.123456Z",
        "app.log.2026112\u{661}T011500.123456Z", "app.log.20261123T011500,123456Z", "xapp.log.20261123T011500.123456Z",
        "app.log.x.20261123T011500.123456Z", "app.log.20261123T011500.1234567Z", "app.log 20261123T011500.123456Z",
        "app.lo", "", "app.log.20261123T011500.123456Z.part", "APP.LOG.20261123T011500.123456Z",
    ])
    func anyOtherNameIsSomebodyElses(name: String) {
        #expect(RotatedName(name, of: "app.log") == nil)
    }

    @Test func namesAreBytesNotText() {
        let (composed, decomposed) = ("\u{E9}.log", "e\u{301}.log")
        #expect(composed == decomposed)
        #expect(RotatedName(composed + ".20261123T011500.123456Z", of: decomposed) == nil)
    }

    @Test func periodsEndAtTheirMultiplesInUTC() {
        let day: Int64 = 86_400_000_000_000
        let daily = LogRotation(every: .seconds(86_400))
        #expect(daily.boundary(after: 0) == day)
        #expect(daily.boundary(after: day - 1) == day)
        #expect(daily.boundary(after: day) == 2 * day)
        #expect(daily.boundary(after: -1) == 0)
        #expect(daily.boundary(after: -day) == 0)
        #expect(daily.boundary(after: .max) == .max)
        #expect(LogRotation(size: 1).boundary(after: 5) == .max)
        #expect(LogRotation(every: .zero).boundary(after: 5) == .max)
        for time in [Int64.min, -1, 0, 1, .max] {
            #expect(LogRotation(every: .nanoseconds(1)).boundary(after: time) >= time)
            #expect(LogRotation(every: .seconds(Int64.max)).boundary(after: time) >= time)
        }
    }

    private func candidates(_ sizes: [Int64]) -> [Retention.Candidate] {
        sizes.enumerated().map { index, size in
            let name = RotatedName(stamp: RotatedName.stamp(of: Int64(index) * 1_000_000_000))
            return Retention.Candidate(name: name, size: size)
        }
    }

    @Test func theNewestAreKept() {
        let files = candidates([1, 1, 1, 1, 1])
        #expect(Retention(LogRotation(keep: 2), now: 0).tooMany(of: files.shuffled()) == Array(files[..<3]))
        #expect(Retention(LogRotation(keep: 0), now: 0).tooMany(of: files) == files)
        #expect(Retention(LogRotation(), now: 0).tooMany(of: files).isEmpty)
    }

    @Test func bytesAreCountedFromTheNewest() {
        let files = candidates([1, 50, 10, 20, 30])
        #expect(Retention(LogRotation(keepBytes: 60), now: 0).tooMany(of: files) == Array(files[..<2]))
        #expect(Retention(LogRotation(keepBytes: 60), now: 0, bySize: false).tooMany(of: files).isEmpty)
        #expect(Retention(LogRotation(keepBytes: 10), now: 0).tooMany(of: candidates([.max, .max])).count == 2)
    }

    @Test func ageIsThatOfTheName() {
        let files = candidates([1, 1, 1, 1])
        let rotation = LogRotation(keepFor: .seconds(2))
        #expect(Retention(rotation, now: 4_000_000_000).tooMany(of: files) == Array(files[..<2]))
        #expect(Retention(rotation, now: .min).tooMany(of: files).isEmpty)
    }

    @Test func aFileAndItsCompressedFormAreOne() {
        let plain = candidates([5, 5])
        let compressed = plain.map {
            Retention.Candidate(name: RotatedName(stamp: $0.name.stamp, form: .compressed), size: 1)
        }
        let doomed = Retention(LogRotation(keep: 1), now: 0).tooMany(of: plain + compressed)
        #expect(Set(doomed) == [plain[0], compressed[0]])
    }

    @Test func aLookIsDueOnceASecondOrWhereTheFileIsFull() {
        let second: Int64 = 1_000_000_000
        let now = 100 * second
        var watch = FileWatch(at: now, size: 90, ceiling: 100, boundary: .max, requests: 1, .done)
        #expect(!watch.isDue(now, adding: 10, requests: 1))
        #expect(!watch.isDue(now - second / 2, adding: 10, requests: 1), "threads' events overtake each other")
        #expect(!watch.isDue(now + second - 1, adding: 10, requests: 1))
        #expect(watch.isDue(now + second, adding: 1, requests: 1))
        #expect(watch.isDue(now - 2 * second, adding: 1, requests: 1), "the clock was set back")
        #expect(watch.isDue(.min, adding: 1, requests: 1) && watch.isDue(.max, adding: 1, requests: 1))
        #expect(watch.isDue(now, adding: 11, requests: 1))
        #expect(watch.isDue(now, adding: 1, requests: 2))
        watch.wrote(5)
        #expect(watch.isDue(now, adding: 6, requests: 1))
    }

    @Test func aLookThatFailedIsRepeatedASecondLater() {
        let second: Int64 = 1_000_000_000
        let failed = FileWatch(at: 10 * second, size: 200, ceiling: 100, boundary: second, requests: 0, .failed)
        #expect(!failed.isDue(10 * second + 1, adding: 10, requests: 0))
        #expect(failed.isDue(11 * second, adding: 10, requests: 0))
        let soon = FileWatch(at: 10 * second, size: 0, ceiling: 100, boundary: 10 * second + 5, requests: 0, .done)
        #expect(!soon.isDue(10 * second + 4, adding: 1, requests: 0))
        #expect(soon.isDue(10 * second + 5, adding: 1, requests: 0))
        let busy = FileWatch(at: 10 * second, size: 0, ceiling: 100, boundary: second, requests: 0, .busy)
        #expect(!busy.isDue(10 * second + 1, adding: 1, requests: 0))
        #expect(busy.isDue(10 * second + 20_000_000, adding: 1, requests: 0))
        let never = FileWatch.never(requests: 0)
        #expect(!never.isDue(1, adding: .max, requests: 0) && never.isDue(1, adding: 1, requests: 1))
    }

    @Test func lastingTroubleIsToldOnceAMinuteAtMost() {
        let second: Int64 = 1_000_000_000
        var interval = FaultInterval()
        var told: [Bool] = []
        for time in [0, 100, 100, 101, 200] {
            if time != 100 || told.count == 2 { interval.ends() }
            told.append(interval.begins(at: Int64(time) * second))
        }
        #expect(told == [true, false, true, false, true])
    }
}
