import Foundation
import Testing

/// A file goes when its events were handed over, and not before.
@Suite("Emitters that do not take what was recovered") struct HandoverTests {
    private static func recovery(_ place: RingPlace, _ how: String, alone: Bool = true) async throws -> ProbeRun {
        let run = try await ProbeRun(
            "recover-faulty",
            how,
            alone ? "alone" : "together",
            place.path,
            place.path + "/out"
        )
        #expect(run.status == 0 && run["balanced"] == "true" && run["skipped"] == "0", "\(run.output)")
        return run
    }

    @Test func whatNoEmitterTookStaysForTheNextStart() async throws {
        let place = try RingPlace()
        _ = try await place.death(count: 300)
        let run = try await Self.recovery(place, "gone-after-300")
        #expect(run["recovered"] == "300" && run["left"] == "304" && run["files"] == "0", "\(run.output)")
        try #require(place.ringFiles.count == 1)
        // Had it been killed, some of the second batch might have been written: they are marked.
        let next = try await place.recovery(into: "rest")
        #expect(next["recovered"] == "304" && next["left"] == "0" && next["maybe-repeated"] == "212", "\(next.output)")
        #expect(place.ringFiles.isEmpty)
        let (first, rest) = (try place.events(in: "out"), try place.events(in: "rest"))
        #expect(first.count == 300 && rest.prefix(212).allSatisfy { $0.log_maybe_repeated == true })
        #expect(Set((first + rest).map(\.log_seq)).count == 604)
        #expect((first + rest).map(\.log_time) == (first + rest).map(\.log_time).sorted())
    }

    @Test(arguments: ["kept-and-lost", "stuck"])
    func whatAnEmitterKeptAndDidNotHandOverComesAgainMarked(how: String) async throws {
        let place = try RingPlace()
        _ = try await place.death(count: 300)
        let run = try await Self.recovery(place, how)
        #expect(run["recovered"] == "0" && run["left"] == "604" && run["files"] == "0", "\(run.output)")
        let next = try await place.recovery()
        #expect(next["recovered"] == "604", "\(next.output)")
        // The batch that it was given, and what the service was at when it died, as far as that lay in another ring.
        #expect((256...512).contains(Int(next["maybe-repeated"] ?? "") ?? 0), "\(next.output)")
        #expect(place.ringFiles.isEmpty)
    }

    /// What one emitter drops while it works is counted as dropped, as in any delivery.
    @Test(arguments: [("gone-at-300", true), ("too-large", true), ("gone-after-300", false), ("kept-and-lost", false)])
    func oneEmittersLossesDoNotKeepTheFile(how: String, alone: Bool) async throws {
        let place = try RingPlace()
        _ = try await place.death(count: 300)
        let run = try await Self.recovery(place, how, alone: alone)
        #expect(run["recovered"] == "604" && run["left"] == "0" && run["files"] == "1", "\(run.output)")
        #expect(place.ringFiles.isEmpty)
        let written = ["gone-at-300": 603, "too-large": 0, "gone-after-300": 904, "kept-and-lost": 604]
        #expect(try place.events(in: "out").count == written[how])
    }
}
