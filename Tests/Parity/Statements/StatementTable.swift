/// What becomes of a statement on txaio's behaviour in this package.
enum Standing {
    /// Functions of this target that check it.
    case tested(by: [String])
    /// Why there is nothing to check.
    case cannotApply(String)
}

/// Every statement of sections A to K, and every test of txaio's (Q), in the numbering of the page on txaio's semantics.
///
/// Of txaio's test files `test_packaging.py` has no statement, as all of it is commented out.
enum StatementTable {
    /// How many statements each section has.
    static let sections: KeyValuePairs<String, Int> = [
        "A": 8, "B": 8, "C": 10, "D": 8, "E": 13, "F": 8, "G": 7, "H": 10, "I": 8, "J": 17, "K": 7, "Q": 61,
    ]

    private static func by(_ names: String...) -> Standing { .tested(by: names) }

    static let all: KeyValuePairs<String, Standing> = [
        // Choosing a framework.
        "A1": by("a1BeforeASelectionEachFunctionThrowsTheUsageError"),
        "A2": by("a2ThatHoldsForTimeAndConfigAndLoggingNeedsNoSelection"),
        "A3": by("a3BeforeASelectionNeitherIsUsedAndNoLoopIsSet"),
        "A4": by("a4TypesCanBeTestedForBeforeASelection"),
        "A5": by("a5AfterUseConcurrencyThatIsUsedAndNIOIsNot", "a5AfterUseNIOThatIsUsedAndConcurrencyIsNot"),
        "A6": by("a6SelectingConcurrencyAgainDoesNothing", "a6SelectingNIOAgainDoesNothing"),
        "A7": by(
            "a7AfterConcurrencyNIOIsRefusedAndNothingChanges",
            "a7AfterNIOConcurrencyIsRefusedAndNothingChanges",
            "a7TheErrorNamesTheFrameworkThatIsUsed"
        ),
        "A8": .cannotApply(
            "without the trait NIO `useNIO` does not compile: nothing is left to fail at run time"
        ),

        // Making futures.
        "B1": by("b1AFutureBeginsUnresolved"),
        "B2": by("q22WithAResultItIsFulfilledAtOnce", "q23WithAnErrorItHasFailedAtOnce"),
        "B3": by("q21WithBothThereIsAnError"),
        "B4": by("b4ANilThatIsGivenIsAResult"),
        "B5": by("b5TheErrorMayBeAFailure"),
        "B6": by("q20TheCancellerIsCalledOnceWithTheFuture"),
        "B7": by("b7TheCancellerOfAFutureThatIsResolvedOrRejectedIsNeverCalled"),
        "B8": by("b8TheShortFormsEqualTheLongOnes"),

        // Resolving and rejecting.
        "C1": by("q17AFutureOfNothingIsResolvedWithoutAValue", "q18TheCallbackGetsTheValue"),
        "C2": by("c2RejectTakesAnErrorOrAFailure"),
        "C3": .cannotApply("Swift has no current error: the argument is required, and the compiler says so"),
        "C4": by("c4TheSecondResultThrowsAndTheFirstStands", "c4OneThatWasMadeDoneCannotBeResolved"),
        "C5": by(
            "c5OnTheLoopCallbacksRunInsideResolve",
            "c5ElsewhereCallbacksRunOnTheLoop",
            "c5CallbacksNeverCallEachOther"
        ),
        "C6": by("c6ResolvedRejectedAndCancelledOnesAreCalledAlreadyInTheirCallbacks"),
        "C7": by("q26APlainErrorReachesTheErrbackAsAFailure"),
        "C8": .cannotApply("`reject` takes `any Error`: the compiler refuses any other value"),
        "C9": .cannotApply("Swift has no `StopIteration`: no error has a meaning to the language"),
        "C10": by(
            "c10ARejectionThatNobodyHandledIsLoggedWhenItIsReleased",
            "c10ARejectionThatSomebodyHandledIsNotLogged"
        ),

        // Cancelling.
        "D1": by("d1TheCancellerRunsInsideCancel"),
        "D2": by("d2TheCancellerRunsBeforeEveryErrback", "q20TheCancellerIsCalledOnceWithTheFuture"),
        "D3": by("d3ErrbacksGetACancelledErrorAndCallbacksDoNotRun"),
        "D4": by("d4OneLateResultIsIgnoredAndTheNextThrows"),
        "D5": by("d5CancellingADoneFutureDoesNothing"),
        "D6": by("d6CancellingTwiceDoesNothingTheSecondTime", "d6CancellingInsideTheCancellerDoesNothing"),
        "D7": by("d7TheCancellerMayResolveTheFutureItself"),
        "D8": by("d8TheMessageIsTheTextOfTheError"),

        // Callbacks.
        "E1": by("e1CallbacksErrbacksOrBothCanBeAddedAgainAndAgain"),
        "E2": .cannotApply(
            "one argument of `addCallbacks` is not optional: the compiler refuses none at all"
        ),
        "E3": by("e3CallbacksRunInTheOrderOfAdding"),
        "E4": by("e4AddedToADoneFutureItRunsAtOnceOnTheLoop", "e4AddedElsewhereToADoneFutureItRunsOnTheLoop"),
        "E5": by("e5EachCallbackGetsTheOriginalResult"),
        "E6": by("e6ACallbackThatThrowsHasItsOwnErrbackCalledAndLaterPairsSeeTheOriginal"),
        "E7": by("e7ACallbackThatThrowsWithoutAnErrbackIsLogged"),
        "E8": by("e8AnErrbackThatThrowsIsLoggedAndLaterPairsStillRun"),
        "E9": by("e9EveryPairsErrbackRuns"),
        "E10": by("e10ARejectionWithACallbackAloneIsReported"),
        "E11": by("e11ErrbacksGetCancellationToo"),
        "E12": by("e12AllErrbacksGetTheSameError"),
        "E13": by("e13AddCallbacksReturnsNothing"),

        // Failures.
        "F1": by("q24AFailureOfACaughtErrorHasAllThatPeopleNeed"),
        "F2": by("f2CreateFailureWrapsAnError"),
        "F3": .cannotApply("Swift has no current error: `createFailure` requires one, and the compiler says so"),
        "F4": by("f4TheMessageIsNameAndTextInOneLine"),
        "F5": by("f5TheMessageOfSomethingElseSaysThatThereIsNone"),
        "F6": by("f6TheFormattedTracebackHasTypeTextAndPlace"),
        "F7": by("f7AnErrorThatCameWithoutCreateFailureHasNoTraceback"),
        "F8": by("f8TheTextOfAFailureHasTheMessage"),

        // Functions as futures.
        "G1": by("g1TheFunctionIsCalledOnceInsideTheCall"),
        "G2": by("q1AnImmediateResultReachesTheCallback", "q2AnErrorReachesTheErrbackAsItIs"),
        "G3": by("q3AReturnedFuturesResultArrives"),
        "G4": by(
            "g4AnAsyncFunctionIsStartedAndItsFutureReturned",
            "g4CancellingTheFutureOfAnAsyncFunctionCancelsItsTask"
        ),
        "G5": .cannotApply("the closure of `asFuture` makes the call itself: the compiler refuses wrong arguments"),
        "G6": .cannotApply(
            "Swift has no async generators, and no error that ends the process"
        ),
        "G7": by("q36AFutureIsOneAndOtherThingsAreNot"),

        // Gathering.
        "H1": by("h1ResultsAreInTheOrderOfTheInput"),
        "H2": by("h2NothingHappensUntilTheLastOneIsDone"),
        "H3": by("h3AFailedMembersPlaceHoldsItsFailure"),
        "H4": by("h4WithoutConsumingTheFirstErrorInTimeIsTheWholesAtOnceAndOthersGoOn"),
        "H5": by("h4WithoutConsumingTheFirstErrorInTimeIsTheWholesAtOnceAndOthersGoOn"),
        "H6": by("h6ConsumingMarksErrorsAsHandledAndLeavesThemToLaterErrbacks"),
        "H7": by("h7OfNothingItIsFulfilledAtOnce"),
        "H8": by("h8OneFutureTwiceIsInBothPlacesAndAnySequenceIsTaken"),
        "H9": by(
            "h9CancellingItCancelsEveryMemberThatIsNotDone",
            "h9TheMessageOfItsCancellationIsItsErrorsAndItsMembers",
            "h9CancelledItIsDoneOnceItsMembersAreWhateverItDoesWithTheirErrors"
        ),
        "H10": by("h10ACancelledMembersPlaceHoldsTheCancellationAndTheRestAreAwaited"),

        // Delayed calls.
        "I1": by(
            "i1NeverInsideTheCallEvenForADelayOfNothing",
            "i1CallsComeInTheOrderOfTheirTimesThenOfAdding",
            "i1InRealTimeACallComesOnTheLoopNoSoonerThanItsDelay",
            "q16ACallComesOnceAfterItsDelayWithItsArguments"
        ),
        "I2": by("q16ACallComesOnceAfterItsDelayWithItsArguments"),
        "I3": by("i3ACancelledCallNeverComes"),
        "I4": by(
            "i4CancellingTwiceOrTooLateDoesNothing",
            "i4ACallMayCancelItself",
            "i4ACallMayCancelAnotherOfTheSameMoment"
        ),
        "I5": by("i5ANegativeDelayIsNone", "i5WhatIsBeyond292YearsNeverComesAndCanBeCancelled"),
        "I6": by("i6AnErrorOfTheCallIsLoggedAndTheLoopGoesOn"),
        "I7": by("q11WithoutAConfiguredLoopItIsTheSelectedFrameworks"),
        "I8": by("i8SleepIsFulfilledAfterItsDelay", "i8CancellingASleepCancelsItsTimer"),

        // Batched timers.
        "J1": by("q4CallsFireInTheirBuckets", "j1ChunksHaveAHundredCallsIfNothingIsSaid"),
        "J2": by("j2ABucketOfNothingOrLessIsRefused"),
        "J3": by("j3j4TheKeyIsTheBeginningOfTheBucketThatTheTimeIsIn"),
        "J4": by("j3j4TheKeyIsTheBeginningOfTheBucketThatTheTimeIsIn"),
        "J5": by("j5OneKeyHasOneRealTimer"),
        "J6": by("j6ACallIsEarlyByUpToABucketAndNeverLate"),
        "J7": by("j7CallsRunInTheOrderOfAddingAndTheBucketIsRemovedFirst"),
        "J8": by("j8ChunksFollowEachOtherEvenlyOverTheBucket"),
        "J9": by("j9ErrorsStopNothingAndAreReportedOnceInOrder"),
        "J10": by("j10CancellingRemovesThatCallAlone"),
        "J11": by("j11CancellingTheLastCallOfABucketCancelsItsRealTimer"),
        "J12": by("j12j13CancellingAgainOrTooLateNeverRaises"),
        "J13": by("j12j13CancellingAgainOrTooLateNeverRaises"),
        "J14": by("j14ACallOfALaterChunkCanBeCancelledUntilItRuns"),
        "J15": by("j15ACallAfterItsBucketFiredMakesANewBucketOfTheSameKey"),
        "J16": by("j16AChunkSizeBelowOneIsRefusedAtOnce"),
        "J17": by(
            "j17TheTimeIsThatOfTheLoopAtEachCall",
            "j17ATimerOfTheProcessGoesByTheLoopThatIsSetAtEachCall"
        ),

        // Loops.
        "K1": by("k1TheConfiguredLoopIsReadAtEachCall"),
        "K2": .cannotApply("no loop is hidden in a thread: one is made at the selection, or given to the runtime"),
        "K3": by("k3ReplaceLoopRestoresWhatWasThereAlsoAfterAnError"),
        "K4": by(
            "k4k5WithConfigGivesARuntimeOfItsOwnAndLeavesTheProcessAlone",
            "q13ACallbackOfAPendingFutureRunsOnlyWhenItsLoopTurns"
        ),
        "K5": by("k4k5WithConfigGivesARuntimeOfItsOwnAndLeavesTheProcessAlone"),
        "K6": .cannotApply("the compiler knows the members of a runtime; logging is functions of their own"),
        "K7": by("k7AllThatARuntimeMakesIsOnItsOwnLoop"),

        // txaio's own tests: as_future, batched, call_later.
        "Q1": by("q1AnImmediateResultReachesTheCallback"),
        "Q2": by("q2AnErrorReachesTheErrbackAsItIs"),
        "Q3": by("q3AReturnedFuturesResultArrives"),
        "Q4": by("q4CallsFireInTheirBuckets"),
        "Q5": by("q5ItRunsOnTheLoopOfTheRuntimeThatMadeIt"),
        "Q6": by("q6ACancelledCallNeverFires"),
        "Q7": by("q7CancellingTooLateIsNoErrorAndNoSecondCall"),
        "Q8": by("q8ChunksHaveOneRealTimerEach"),
        "Q9": by("q9AnErrorInALaterChunkIsReportedAfterTheLast"),
        "Q10": by("q10TheRealDelayIsNeverNegative"),
        "Q11": by("q11WithoutAConfiguredLoopItIsTheSelectedFrameworks"),
        "Q12": by("q12AFutureBelongsToTheGivenLoop"),
        "Q13": by("q13ACallbackOfAPendingFutureRunsOnlyWhenItsLoopTurns"),
        "Q14": by("q14ACallbackOfAFulfilledFutureRunsOnlyWhenItsLoopTurns"),
        "Q15": by("q15AnErrbackOfAFailedFutureRunsOnlyWhenItsLoopTurns"),
        "Q16": by("q16ACallComesOnceAfterItsDelayWithItsArguments"),

        // callback, cancel, create, errback, gather, imports, is_future.
        "Q17": by("q17AFutureOfNothingIsResolvedWithoutAValue"),
        "Q18": by("q18TheCallbackGetsTheValue"),
        "Q19": by("q19ACallbackThatIsAddedAfterTheFactGetsTheValue"),
        "Q20": by("q20TheCancellerIsCalledOnceWithTheFuture"),
        "Q21": by("q21WithBothThereIsAnError"),
        "Q22": by("q22WithAResultItIsFulfilledAtOnce"),
        "Q23": by("q23WithAnErrorItHasFailedAtOnce"),
        "Q24": by("q24AFailureOfACaughtErrorHasAllThatPeopleNeed"),
        "Q25": by("q25AFailureOfAnErrorThatWasNeverThrownHasTheSame"),
        "Q26": by("q26APlainErrorReachesTheErrbackAsAFailure"),
        "Q27": by("q27ACancellationHasItsNameAndTheGivenText"),
        "Q28": .cannotApply("as C8: what is no error does not compile"),
        "Q29": .cannotApply("as C3: `reject` without an error does not compile"),
        "Q30": by("q30OfTwoFuturesThatWereMadeFailedEachHasAFailureOfItsOwn"),
        "Q31": by("q31BothResultsArrive"),
        "Q32": by("q32WithoutConsumingEachErrbackAndTheGatheredOnesRunOnce"),
        "Q33": by("a5AfterUseNIOThatIsUsedAndConcurrencyIsNot"),
        "Q34": .cannotApply("as A8: a framework that is not there does not compile"),
        "Q35": by("a5AfterUseConcurrencyThatIsUsedAndNIOIsNot"),
        "Q36": by("q36AFutureIsOneAndOtherThingsAreNot"),
        "Q37": by("q37AResolvedFutureIsCalled"),

        // legacy_logging, logging, util.
        "Q38": by("q38WhatIsLoggedBeforeAStartReachesWhoeverListensLater"),
        "Q39": by("q39ACategoryReplacesTheTemplate"),
        "Q40": by("q40LaterCategoriesAreAddedAndNeedNoTemplateInTheCall"),
        "Q41": by("q41CriticalIsOneLineThatEndsWithItsMessage"),
        "Q42": by("q42InfoIsOneLineThatEndsWithItsMessage"),
        "Q43": by("q43WarnIsOneLineThatEndsWithItsMessage"),
        "Q44": by("q44AnErrorIsWrittenWithItsTraceback"),
        "Q45": by("q45TraceIsALevelOfItsOwn"),
        "Q46": by("q46AtDebugATraceIsNotWritten"),
        "Q47": by("q47EmitOfALevelThatIsOffDoesNothing"),
        "Q48": by("q48EmitWritesLinesInOrder"),
        "Q49": by("q49WhatIsNoFailureIsNoErrorToFormat"),
        "Q50": by("q50TemplatesReachAttributesAndItemsOfObjects"),
        "Q51": by("q51ASecondStartDoesNothing"),
        "Q52": by("q52ABadLevelIsAnErrorThatNamesTheGoodOnes"),
        "Q53": by("q53ALoggerThatIsATypesOwnWrites"),
        "Q54": by("q54ALoggerThatAnInitialiserMakesWrites"),
        "Q55": by("q55AFailureWithoutATemplateIsWrittenWithTextAndTraceback"),
        "Q56": by("q56AFileGetsUTF8"),
        "Q57": .cannotApply("every output takes bytes: there are no objects that take text, to be told from others"),
        "Q58": by("q58StandardOutputGetsUTF8"),
        "Q59": .cannotApply("as Q57"),
        "Q60": by("q60TheTimeIsInNanosecondsSince1970"),
        "Q61": by("q61TheCounterIsInNanosecondsAndNeverGoesBack"),
    ]
}
