#if Configuration
import Testing
import TxaioConfiguration
import TxaioEmitters
import TxaioLog

/// A sound beginning of a file with a queue, of three lines.
private let queued = sound + "delivery: queued\n"

@Suite("The queue of a configuration")
struct QueueConfigurationTests {
    @Test func queuedDeliveryAloneIsEnough() throws {
        Collected.register()
        #expect(try LoggingConfiguration(parsing: sound).queue == nil)
        let queue = try #require(try LoggingConfiguration(parsing: queued).queue)
        #expect(queue.options == QueueOptions())
        #expect(queue.survives && queue.service == nil && queue.directory == nil)
        #expect(queue.options.errorOverflow == .block(upTo: .milliseconds(100)))
        #expect(try LoggingConfiguration(parsing: queued + "queue: {}").queue?.options == QueueOptions())
    }

    @Test func everythingThatAQueueCanBeTold() throws {
        Collected.register()
        let configuration = try LoggingConfiguration(
            parsing: queued + """
                queue:
                  ring: 128 KiB
                  total: 8 MiB
                  outbox: 2 MiB
                  overflow: wait
                  wait: 5 ms
                  error_overflow: wait
                  error_wait: 2 s
                  spin: true
                  fatal_signals: true
                  survive: true
                  service: orders-1.a_b
                  directory: /run/orders
                """
        )
        let queue = try #require(configuration.queue)
        #expect(queue.options.ringBytes == 128 << 10)
        #expect(queue.options.totalBytes == 8 << 20)
        #expect(queue.options.outboxBytes == 2 << 20)
        #expect(queue.options.overflow == .block(upTo: .milliseconds(5)))
        #expect(queue.options.errorOverflow == .block(upTo: .seconds(2)))
        #expect(queue.options.spins && queue.options.handlesFatalSignals)
        #expect(queue.survives)
        #expect(queue.service == "orders-1.a_b")
        #expect(queue.directory == "/run/orders")
    }

    @Test(arguments: [
        ("overflow: drop newest", OverflowPolicy.dropNewest, OverflowPolicy.block(upTo: .milliseconds(100))),
        ("overflow: drop oldest", .dropOldest, .block(upTo: .milliseconds(100))),
        ("overflow: wait", .block(upTo: .milliseconds(100)), .block(upTo: .milliseconds(100))),
        ("error_wait: 1 s", .dropNewest, .block(upTo: .seconds(1))),
        ("error_overflow: drop oldest", .dropNewest, .dropOldest),
    ])
    func eachPolicyIsRead(line: String, overflow: OverflowPolicy, errorOverflow: OverflowPolicy) throws {
        Collected.register()
        let options = try LoggingConfiguration(parsing: queued + "queue: { \(line) }").queue?.options
        #expect(options?.overflow == overflow)
        #expect(options?.errorOverflow == errorOverflow)
    }

    @Test func aLargeRingRaisesWhatAllMayHave() throws {
        Collected.register()
        let queue = try LoggingConfiguration(parsing: queued + "queue: { ring: 64 MiB }").queue
        #expect(queue?.options.totalBytes == 128 << 20)
    }

    @Test(arguments: [
        ("ring: 4", "'queue.ring' needs a unit, as in '64 KiB', not 4 alone at 4:16"),
        ("ring: 1 KiB", "'queue.ring' must lie between 64 KiB and 64 MiB, not at 1 KiB at 4:16"),
        ("ring: 1 GiB", "'queue.ring' must lie between 64 KiB and 64 MiB, not at 1 GiB at 4:16"),
        ("rign: 1 MiB", "unknown key 'queue.rign' at 4:10; did you mean 'ring'?"),
        ("total: 64 KiB", "'queue.total' must lie between 128 KiB and 4 GiB, not at 64 KiB at 4:17"),
        ("total: 1 MiB", "'queue.total' must have room for two rings of 1 MiB at 4:17"),
        ("ring: 65 KiB, total: 128 KiB", "'queue.total' must have room for two rings of 128 KiB at 4:31"),
        ("outbox: 1 KiB", "'queue.outbox' must lie between 64 KiB and 1 GiB, not at 1 KiB at 4:18"),
        (
            "overflow: drop newset",
            "'queue.overflow' cannot be 'drop newset' (valid are: drop newest, drop oldest, wait) at 4:20; "
                + "did you mean 'drop newest'?"
        ),
        ("overflow: 3", "'queue.overflow' must be a text, not an integer at 4:20"),
        ("wait: 5 ms", "'queue.wait' goes with 'overflow: wait' at 4:16"),
        ("overflow: drop oldest, wait: 5 ms", "'queue.wait' goes with 'overflow: wait' at 4:39"),
        (
            "error_overflow: drop newest, error_wait: 5 ms",
            "'queue.error_wait' goes with 'error_overflow: wait' at 4:51"
        ),
        ("error_wait: 100", "'queue.error_wait' needs a unit, as in '500 ms', not 100 alone at 4:22"),
        (
            "error_wait: 2 min",
            "'queue.error_wait' must lie between 0.0 seconds and 60.0 seconds, not 120.0 seconds at 4:22"
        ),
        ("spin: 1", "'queue.spin' must be true or false, not an integer at 4:16"),
        ("survive: no", "'queue.survive' must be true or false, not a text at 4:19"),
        (
            "service: a/b",
            "'queue.service' must have at most 100 letters, digits, '.', '_' and '-', the first no dot, "
                + "unlike 'a/b' at 4:19"
        ),
        ("directory: \"\"", "'queue.directory' is no path at 4:21"),
        ("survive: false, service: a", "'queue.service' goes with 'survive: true' at 4:35"),
        ("survive: false, directory: /run/a", "'queue.directory' goes with 'survive: true' at 4:37"),
    ])
    func eachFaultIsToldWithItsPlace(line: String, fault: String) {
        #expect(faults(queued + "queue: { \(line) }") == [fault])
    }

    @Test func aQueueWithoutQueuedDeliveryIsAFault() {
        let fault = "'queue' goes with 'delivery: queued'"
        #expect(faults(sound + "queue: { ring: 1 MiB }") == ["\(fault) at 3:1"])
        #expect(faults(sound + "delivery: direct\nqueue: {}") == ["\(fault) at 4:1"])
        #expect(faults(sound + "queue: {}\ndelivery: queued") == [])
        #expect(faults(queued + "queue: 1 MiB") == ["'queue' must be a map, not a text at 4:8"])
        let typo = "unknown delivery 'queud' (valid are: direct, queued) at 3:11; did you mean 'queued'?"
        #expect(faults(sound + "delivery: queud\nqueue: {}") == [typo])
    }
}
#endif
