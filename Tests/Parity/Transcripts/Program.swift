import TxaioTesting

/// One step of a random program. Futures and timers are named by number, taken modulo how many there are by then.
indirect enum Step: Sendable {
    case create(canceller: Body?)
    case createDone(Int)
    case createFailed(Int)
    case resolve(Int, Int)
    case reject(Int, Int)
    case cancel(Int, String?)
    case add(Int, Body, errback: Body?)
    case addErrback(Int, Body)
    case map(Int, plus: Int, throws: Bool)
    case flatMap(Int, to: Int)
    case gather([Int], consumes: Bool)
    case sleep(milliseconds: Int)
    case callLater(milliseconds: Int, Body)
    case batched(timer: Int, milliseconds: Int, Body)
    case cancelTimer(Int)
    case look(Int)
    case log(Int)
    case scope(Int, Step)
    case advance(milliseconds: Int)
}

/// What a callback, a canceller or a timer does.
struct Body: Sendable {
    let name: Int
    let steps: [Step]
    /// What it throws in the end, where it may throw.
    let error: Int?
    /// What a canceller settles its future with.
    let settles: Settling

    enum Settling: Sendable {
        case not
        case resolves(Int)
        case rejects(Int)
    }
}

/// A random program: the same for the same seed.
struct Program: Sendable {
    let steps: [Step]

    init(seed: UInt64) {
        var maker = Maker(random: SeededGenerator(seed: seed))
        steps = (0..<Int.random(in: 6...20, using: &maker.random)).map { _ in maker.step(depth: 0) }
    }

    private struct Maker {
        var random: SeededGenerator
        private var names = 0

        init(random: SeededGenerator) { self.random = random }

        mutating func number(_ range: Range<Int>) -> Int { Int.random(in: range, using: &random) }
        mutating func isOne(in count: Int) -> Bool { number(0..<count) == 0 }

        mutating func body(_ depth: Int) -> Body {
            names += 1
            let name = names
            let count = depth < 3 ? max(0, number(-1..<3)) : 0
            let steps = (0..<count).map { _ in step(depth: depth + 1) }
            let error = isOne(in: 6) ? number(0..<100) : nil
            let settles: Body.Settling =
                switch number(0..<4) {
                case 0: .resolves(number(0..<100))
                case 1: .rejects(number(0..<100))
                default: .not
                }
            return Body(name: name, steps: steps, error: error, settles: settles)
        }

        mutating func step(depth: Int) -> Step {
            let future = number(0..<1_000)
            switch number(0..<(depth == 0 ? 33 : 29)) {
            case 0...1: return .create(canceller: nil)
            case 2...3: return .create(canceller: body(depth))
            case 4: return .createDone(number(0..<100))
            case 5: return .createFailed(number(0..<100))
            case 6...8: return .resolve(future, number(0..<100))
            case 9...10: return .reject(future, number(0..<100))
            case 11...12: return .cancel(future, isOne(in: 2) ? "message \(future)" : nil)
            case 13...16: return .add(future, body(depth), errback: isOne(in: 2) ? body(depth) : nil)
            case 17: return .addErrback(future, body(depth))
            case 18: return .map(future, plus: number(0..<10), throws: isOne(in: 5))
            case 19: return .flatMap(future, to: number(0..<1_000))
            case 20...21:
                return .gather((0..<number(0..<5)).map { _ in number(0..<1_000) }, consumes: isOne(in: 2))
            case 22: return .sleep(milliseconds: number(0..<20))
            case 23...24: return .callLater(milliseconds: number(-2..<20), body(depth))
            case 25: return .batched(timer: number(0..<2), milliseconds: number(0..<40), body(depth))
            case 26: return .cancelTimer(number(0..<1_000))
            case 27: return isOne(in: 2) ? .look(future) : .log(number(0..<100))
            case 28: return depth < 3 ? .scope(number(0..<100), step(depth: depth + 1)) : .look(future)
            default: return .advance(milliseconds: number(0..<15))
            }
        }
    }
}
