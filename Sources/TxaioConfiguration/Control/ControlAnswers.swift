#if Configuration
/// What the control socket answers, as JSON: `ok` and one of these, or `error` and a sentence.
package enum ControlAnswers {
    /// To `status`.
    package struct Status: Codable, Sendable {
        package var process: Int32
        package var program: String
        package var configuration: String?
        package var generation: UInt64
        package var lastError: String?
        package var offered: UInt64
        package var delivered: UInt64
        package var recovered: UInt64
        package var waiting: UInt64
        package var refused: UInt64
        package var dropped: UInt64
        /// By noise rules, by reason.
        package var suppressed: [String: UInt64]
        /// By the flight recorder.
        package var recorded: Recorded
        package var delivery: String
        package var emitters: [Emitter]
        package var retired: [Emitter]
    }

    /// What became of what the flight recorder kept.
    package struct Recorded: Codable, Sendable {
        package var kept: UInt64
        package var written: UInt64
        package var lost: UInt64
        package var discarded: UInt64
        package var held: UInt64
    }

    /// The counts of one emitter.
    package struct Emitter: Codable, Sendable {
        package var name: String
        package var filtered: UInt64
        package var refused: UInt64
        package var accepted: UInt64
        package var handedOver: UInt64
        package var inFlight: UInt64
        package var dropped: [String: UInt64]
    }

    /// To `level`, and to what changes levels.
    package struct Levels: Codable, Sendable {
        /// Of the configuration.
        package var rules: String
        /// Of `TXAIO_LOG`.
        package var environment: String?
        package var temporary: [Temporary]
    }

    package struct Temporary: Codable, Sendable {
        package var rules: String
        /// Seconds; none for until it is taken back.
        package var remaining: Double?
    }

    /// To `flush`.
    package struct Flush: Codable, Sendable {
        /// Whether nothing is left.
        package var complete: Bool
    }

    /// To `reload`.
    package struct Reload: Codable, Sendable {
        package var inForce: Bool
        package var generation: UInt64
        package var lastError: String?
    }

    /// To `explain`, for one emitter.
    package struct Explanation: Codable, Sendable {
        package struct Step: Codable, Sendable {
            package var rule: String
            package var level: String
            package var decides: Bool
            package var reason: String
        }

        /// A rule that holds in some scopes alone.
        package struct Condition: Codable, Sendable {
            package var rule: String
            package var condition: String
            /// Whether it lets the event pass there.
            package var passes: Bool
        }

        package var namespace: String
        package var level: String
        package var emitter: String
        package var passes: Bool
        package var threshold: String
        package var emitterLevel: String
        package var rules: [Step]
        /// What lets more pass in some scopes.
        package var scopes: [Condition]
        /// The rule by which scopes record the event where it does not pass.
        package var recorded: String?
    }
}
#endif
