import CaptureFixture
import Testing
import TxaioLog
import TxaioTesting

/// Statements N1 to N6 of txaio's behaviour, with better answers: what `makeLogger()` knows of the place of its call.
@Suite("What makeLogger captures")
struct CaptureTests {
    @Test func n2ATypesLoggerIsCalledModuleAndType() async {
        #expect(StructOwner.shared.namespace == "CaptureFixture.StructOwner")
        #expect(ClassOwner.shared.namespace == "CaptureFixture.ClassOwner")
        #expect(EnumOwner.shared.namespace == "CaptureFixture.EnumOwner")
        #expect(ActorOwner.shared.namespace == "CaptureFixture.ActorOwner")
        #expect(ExtendedOwner.shared.namespace == "CaptureFixture.ExtendedOwner")
    }

    @Test func n5AnInstancesLoggerIsCalledLikeItsTypes() async {
        #expect(StructOwner().own.namespace == "CaptureFixture.StructOwner")
        #expect(ClassOwner().own.namespace == "CaptureFixture.ClassOwner")
        #expect(await ActorOwner().own.namespace == "CaptureFixture.ActorOwner")
        #expect(GenericOwner<Int>().own.namespace == "CaptureFixture.GenericOwner")
        #expect(GenericOwner<[String: Int]>().own.namespace == "CaptureFixture.GenericOwner")
    }

    @Test func n3EachClassOfAHierarchyNamesItsOwnLoggers() {
        #expect(SubclassOwner.subclassShared.namespace == "CaptureFixture.SubclassOwner")
        #expect(SubclassOwner().subclassOwn.namespace == "CaptureFixture.SubclassOwner")
        #expect(SubclassOwner().own.namespace == "CaptureFixture.ClassOwner")
        #expect(SubclassOwner.shared.namespace == "CaptureFixture.ClassOwner")
    }

    @Test func constantLoggersCaptureTheSame() {
        #expect(StructOwner.constant.namespace == "CaptureFixture.StructOwner")
        #expect(EnumOwner.constant.namespace == "CaptureFixture.EnumOwner")
        #expect(ExtendedOwner.constant.namespace == "CaptureFixture.ExtendedOwner")
        #expect(StructOwner.constant.logger.namespace == "CaptureFixture.StructOwner")
    }

    @Test func nestedTypesGiveTheirInnermostName() {
        #expect(Outer.Inner.shared.namespace == "CaptureFixture.Inner")
        #expect(Outer.Inner().own.namespace == "CaptureFixture.Inner")
        #expect(Outer.Inner.spelledOut.namespace == "CaptureFixture.Outer.Inner")
    }

    @Test func aClosureInAnInitialValueIsPartOfItsType() {
        #expect(StructOwner().fromClosure.namespace == "CaptureFixture.StructOwner")
    }

    @Test func aLazyPropertyIsAnAccessorAndNamesItself() {
        var owner = StructOwner()
        #expect(owner.late.namespace == "CaptureFixture.late")
        #expect(ClassOwner().late.namespace == "CaptureFixture.late")
    }

    @Test func n2FileScopeIsTheModule() {
        #expect(fileScope.namespace == "CaptureFixture")
        #expect(fileScopeFromClosure.namespace == "CaptureFixture")
    }

    @Test func n2AFunctionIsModuleAndFunction() {
        #expect(freeFunction().namespace == "CaptureFixture.freeFunction")
        #expect(functionWithClosure().namespace == "CaptureFixture.functionWithClosure")
        #expect(localFunction().namespace == "CaptureFixture.inner")
    }

    @Test func n4AMethodIsModuleAndMethod() {
        let owner = StructOwner()
        #expect(owner.fromInitialiser.namespace == "CaptureFixture.init")
        #expect(owner.method(with: 1).namespace == "CaptureFixture.method")
        #expect(StructOwner.staticMethod().namespace == "CaptureFixture.staticMethod")
        #expect(owner.computed.namespace == "CaptureFixture.computed")
        #expect(owner[0].namespace == "CaptureFixture.subscript")
        #expect(GenericOwner<Int>().method().namespace == "CaptureFixture.method")
        #expect(owner.protocolLog.namespace == "CaptureFixture.protocolLog")
    }

    @Test func aLocalTypeIsModuleAndType() {
        #expect(localType().namespace == "CaptureFixture.Local")
    }

    @Test func n6AnExplicitNameIsTakenAsItIs() {
        #expect(named.namespace == "fixture.named")
        #expect(NamedConstant.log.namespace == "fixture.constant")
        #expect(makeLogger("näme with spaces\n").namespace == "näme with spaces\n")
        #expect(makeLogger("").namespace == "")
    }

    @Test func anExplicitLevelIsTaken() {
        #expect(explicitLevel().level == .warn)
    }

    @Test func aNameMadeAtRunTimeIsKeptAndAVeryLongOneCut() {
        #expect(makeLogger("tenant." + String(42)).namespace == "tenant.42")
        let long = makeLogger(String(repeating: "ä", count: 1000))
        #expect(long.namespace == String(repeating: "ä", count: 512))
    }

    @Test func theFileIsTheOneThatMadeTheLogger() {
        let sink = CapturingEmitter()
        withLogging(to: sink) {
            StructOwner.shared.info("a")
            StructOwner.constant.info("b")
            named.info("c")
            makeLogger("here").info("d")
        }
        #expect(
            sink.events.map(\.file) == [
                "CaptureFixture/Types.swift", "CaptureFixture/Types.swift", "CaptureFixture/Places.swift",
                "TxaioLogTests/CaptureTests.swift",
            ]
        )
    }

    @Test func aLazyStaticTouchedFirstInAScopeKeepsNoneOfItsFields() {
        let sink = CapturingEmitter()
        withLogging(to: sink) {
            withLogContext(["requestID": "first"]) {
                LazyOwner.plain.info("inside")
                LazyOwner.plainConstant.info("inside")
            }
            LazyOwner.plain.info("outside")
            LazyOwner.plainConstant.info("outside")
        }
        #expect(sink.events.map { $0["requestID"] } == [.string("first"), .string("first"), nil, nil])
    }

    @Test func capturingTheScopeKeepsItsFields() {
        let sink = CapturingEmitter()
        withLogging(to: sink) {
            let handler = withLogContext(["requestID": "r1", "user": 7]) { RequestHandler() }
            handler.log.info("outside")
            handler.plain.info("outside")
            withLogContext(["requestID": "r2", "zone": "eu"]) { handler.log.info("in another") }
        }
        #expect(sink.events[0].fields.map(\.name) == ["requestID", "user"])
        #expect(sink.events[1].fields.isEmpty)
        // A logger's own fields win over those of a scope.
        #expect(sink.events[2].fields.map(\.name) == ["requestID", "user", "zone"])
        #expect(sink.events[2]["requestID"] == .string("r1"))
    }

    @Test func loggersOfOneNameInTwoFilesShareALevelButKeepTheirFiles() {
        let here = makeLogger("fixture.shared-name")
        here.setLevel(.error)
        #expect(SharedName.log.level == .error)
        SharedName.log.setLevel(.debug)
        #expect(here.level == .debug)
        let sink = CapturingEmitter()
        withLogging(to: sink) {
            here.info("a")
            SharedName.log.info("b")
        }
        #expect(sink.events.map(\.file) == ["TxaioLogTests/CaptureTests.swift", "CaptureFixture/SharedName.swift"])
    }
}
