#if Configuration
import Testing

@testable import TxaioConfiguration

@Suite("When a watched file is read")
struct ReloadPaceTests {
    private static let interval = ReloadPace.interval
    private static let patience = ReloadPace.patience

    private static func identity(_ inode: UInt64, size: Int64 = 10, at time: Int64 = 0) -> FileIdentity {
        FileIdentity(device: 1, inode: inode, size: size, modified: time, changed: time)
    }

    private func pace(isWatched: Bool = true) -> ReloadPace {
        ReloadPace(identity: Self.identity(1), isWatched: isWatched)
    }

    private func expect(
        _ pace: inout ReloadPace,
        reads: Bool,
        at now: Int64,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        let isRead = pace.takeTurn(at: now)
        #expect(isRead == reads, sourceLocation: sourceLocation)
    }

    @Test func nothingIsReadWhileNothingIsSeen() {
        var pace = pace()
        pace.found(Self.identity(1), at: 5)
        expect(&pace, reads: false, at: 5)
        #expect(pace.wait(at: 5) == ReloadPace.poll)
    }

    @Test func aFileThatTookThePlaceOfAnotherIsReadAtOnce() {
        var pace = pace()
        pace.saw(.written, at: 0)
        pace.saw(.renamed, at: 1)
        pace.found(Self.identity(2), at: 1)
        #expect(pace.wait(at: 1) == 0)
        expect(&pace, reads: true, at: 1)
        expect(&pace, reads: false, at: 1)
    }

    @Test func oneThatIsWrittenInPlaceIsReadWhenItIsClosedOrItsWriterPauses() {
        var (closed, paused) = (pace(), pace())
        closed.saw(.written, at: 0)
        closed.found(Self.identity(1, at: 1), at: 0)
        expect(&closed, reads: false, at: Self.patience - 1)
        closed.saw(.closed, at: 100)
        expect(&closed, reads: true, at: 100)

        paused.saw(.written, at: 0)
        paused.saw(.touched, at: 5)
        paused.saw(.written, at: 10)
        paused.found(Self.identity(1, at: 1), at: 10)
        expect(&paused, reads: false, at: Self.patience + 9)
        expect(&paused, reads: true, at: Self.patience + 10)
    }

    @Test func whatIsWrittenWithinOneStepOfTheFileSystemsClockIsReadAllTheSame() {
        var pace = pace()
        pace.saw(.written, at: 0)
        pace.saw(.closed, at: 0)
        pace.found(Self.identity(1), at: 0)
        expect(&pace, reads: true, at: 0)
    }

    @Test func aFileThatSomebodyMakesIsNotReadBeforeThereIsAByte() {
        var pace = pace()
        pace.found(nil, at: 0)
        expect(&pace, reads: true, at: 0)
        let later = Self.interval
        pace.saw(.renamed, at: later)
        pace.found(Self.identity(3, size: 0), at: later)
        expect(&pace, reads: false, at: later)
        pace.saw(.written, at: later + 1)
        pace.found(Self.identity(3, size: 4), at: later + 1)
        expect(&pace, reads: false, at: later + 1)
        pace.saw(.closed, at: later + 2)
        expect(&pace, reads: true, at: later + 2)
    }

    @Test func whatIsNoRegularFileHasNoWriterToWaitFor() {
        var pace = pace()
        var device = Self.identity(4, size: 0)
        device.isRegular = false
        pace.saw(.renamed, at: 0)
        pace.found(device, at: 0)
        expect(&pace, reads: true, at: 0)
    }

    @Test func aStormIsReadOnceInAnIntervalAndItsLastAtItsEnd() {
        var pace = pace()
        var readings = 0
        for time in Int64(0)...1_000 {
            pace.saw(.renamed, at: time * Self.interval / 100)
            pace.found(Self.identity(UInt64(time) + 2), at: time * Self.interval / 100)
            if pace.takeTurn(at: time * Self.interval / 100) { readings += 1 }
        }
        #expect(readings == 11)
        pace.found(Self.identity(9_999), at: 10 * Self.interval + 1)
        #expect(pace.wait(at: 10 * Self.interval + 1) == Self.interval - 1)
        expect(&pace, reads: true, at: 11 * Self.interval)
    }

    @Test func withoutAWatchWhatChangesInPlaceMustRest() {
        var pace = pace(isWatched: false)
        pace.found(Self.identity(1, at: 1), at: 0)
        pace.found(Self.identity(1, at: 2), at: 10)
        expect(&pace, reads: false, at: Self.patience + 9)
        expect(&pace, reads: true, at: Self.patience + 10)
        pace.found(Self.identity(2), at: 2 * Self.patience)
        expect(&pace, reads: true, at: 2 * Self.patience)
    }

    @Test func whoAsksForAReadingGetsItAtOnce() {
        var pace = pace()
        pace.demand()
        expect(&pace, reads: true, at: 0)
        pace.saw(.written, at: 1)
        pace.demand()
        expect(&pace, reads: true, at: 1)
        pace.missed()
        expect(&pace, reads: false, at: 1)
        expect(&pace, reads: true, at: 1 + Self.interval)
    }
}
#endif
