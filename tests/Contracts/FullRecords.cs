using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Net;
using NodaTime;
using Relier.Archiving;
using Relier.Customers;
using Relier.Identity;
using Relier.Importing;
using Relier.Jobs;
using Relier.Ledger;
using Relier.Notifications;
using Relier.Rating;
using Relier.Tenancy;
using Relier.TopUps;

namespace Relier.Contracts;

/// <summary>Records with something in every member, each different, so that a member that is lost or mixed up is seen.</summary>
public static class FullRecords
{
    private static readonly Duration OneMicrosecond = Duration.FromTicks(10);

    /// <summary>A refusal with a fact of each kind and a wrong field.</summary>
    public static Refusal Refusal { get; } = new Refusal("amount_not_allowed", "15.00 MXN is not one of the amounts allowed.")
    {
        Fields = [new FieldError("amount", "amount_invalid", "expected a multiple of 10"), new FieldError("phone", "required", "expected a phone")],
    }.With("requested_amount", A.Pesos(15)).With("allowed_amounts", new List<string> { "10.00", "20.00" }).With("product", "XOOM_15_MXN");

    /// <summary>A suspended customer with every policy set.</summary>
    public static Customer Customer() => A.Customer() with
    {
        Status = CustomerStatus.Suspended, CreatedAt = At(1), Version = 1,
        Policies = new CustomerPolicies
        {
            Currency = Currency.MXN, MinAmount = A.Pesos(11), MaxAmount = A.Pesos(501), Step = A.Pesos(0.5m),
            FixedAmounts = [A.Pesos(20), A.Pesos(30), A.Pesos(10)], DailyLimit = A.Pesos(200_001), DailyLimitPerPhone = A.Pesos(1_002),
            PinnedProvider = "latcom", Commission = Ratio.Of(0.020000001m), AllowedAddresses = [IPNetwork.Parse("10.1.0.0/16"), IPNetwork.Parse("2001:db8::/32")],
            LateDelivery = LateDeliveryPolicy.House, LowBalanceUnits = 777,
        },
    };

    /// <summary>A wallet in dollars in the middle of its life.</summary>
    public static Account WalletOf(Customer customer) => A.WalletOf(customer) with
    {
        CreditLimit = A.Dollars(100.01m), Posted = A.Dollars(-7.654321m), Held = A.Dollars(1.09m), Entries = 3, OpenedAt = At(2),
    };

    /// <summary>A top-up in another currency than its wallet, as it is when it is added.</summary>
    public static TopUp TopUpOf(Customer customer) => A.TopUpOf(customer) with
    {
        Reference = "Order 1/A", Product = "XOOM_20_MXN", Charge = A.Dollars(1.09m), Commission = A.Pesos(0.4m),
        Rate = new ExchangeRate { Base = Currency.MXN, Quote = Currency.USD, Rate = Ratio.Of(0.054400001m), AsOf = At(3), Source = "bank" },
        Route = new Route("latcom", "XOOM_20_MXN.", "TELEFONICA", A.Pesos(17.24m), A.Pesos(19.01m)), CreatedAt = At(4), Day = new LocalDate(2028, 2, 29),
    };

    /// <summary>The same top-up after a submission that was refused, one nobody answered for, and two proofs.</summary>
    public static TopUp Later(TopUp topUp) => topUp with
    {
        State = TopUpState.Unknown, Code = "not_delivered", OperatorReference = "OP-1", DecidedAt = At(5), UnknownSince = At(6), NextCheckAt = At(7),
        Route = topUp.Route! with { Cost = A.Pesos(18.5m) },
        Attempts =
        [
            new Attempt
            {
                No = 1, Route = topUp.Route!, Environment = ProviderEnvironment.Sandbox, ProviderReference = topUp.Id.Value, State = AttemptState.Refused,
                StartedAt = At(8), EndedAt = At(9), TransactionId = "T-1", OperatorReference = "O-1", Code = "-120054", Message = "no", Evidence = "{\"a\": 1}",
            },
            new Attempt
            {
                No = 2, Route = new Route("simulator", "SIM_20", "OTHER", A.Pesos(20.01m), A.Pesos(18.4m)), Environment = ProviderEnvironment.Simulator, ProviderReference = $"{topUp.Id}-2", State = AttemptState.Unknown,
                StartedAt = At(10), EndedAt = At(11), TransactionId = "T-2", OperatorReference = "O-2", Code = "timeout", Message = "late", Evidence = "none",
            },
        ],
        Evidence =
        [
            A.Evidence() with { At = At(13), AttemptNo = 2, Note = "said on the phone" },
            new Evidence
            {
                // Before the other in time and in the alphabet: what counts is the order in which they came.
                Id = Id<Evidence>.Parse("aaa_" + topUp.Id), Verdict = Verdict.NotDelivered, Source = EvidenceSource.Lookup, Reference = "T-2",
                By = "provider:latcom", AttemptNo = 1, At = At(12), Note = "looked up",
            },
        ],
    };

    /// <summary>A rejected top-up with the whole no.</summary>
    public static TopUp RejectedOf(Customer customer) => A.TopUpOf(customer) with
    {
        State = TopUpState.Rejected, Charge = null, Route = null, Code = Refusal.Code, Rejection = Refusal, DecidedAt = At(14),
    };

    /// <summary>A hold that has ended.</summary>
    public static Hold HoldOf(TopUp topUp) => A.HoldOf(topUp) with { State = HoldState.Released, OpenedAt = At(15), EndedAt = At(16) };

    /// <summary>A journal in two currencies with a reason, its parts in no order of their own.</summary>
    public static Journal JournalOn(Account account) => A.Journal() with
    {
        At = At(17), Kind = JournalKind.TopUpCaptured, Reason = "correction: wrong rate",
        Postings =
        [
            new Posting(AccountCode.OfCustomer(account.Id), A.Dollars(-1.09m)) { Balance = A.Dollars(-8.744321m), Entry = 4 },
            new Posting(AccountCode.FxPosition, A.Dollars(1.09m)),
            new Posting(AccountCode.FxPosition, A.Pesos(-20)),
            new Posting(AccountCode.ProviderPayable("latcom"), A.Pesos(19)),
            new Posting(AccountCode.TopUpRevenue, A.Pesos(1)),
        ],
    };

    /// <summary>A key of a customer that was used, ends, and was taken back.</summary>
    public static ApiKey KeyOf(TenantId tenant, Customer customer) => A.Key(tenant, customer) with
    {
        Scopes = ["topups:write", "balance:read", "a:scope"], CreatedAt = At(18), LastUsedAt = At(19), ExpiresAt = At(20), RevokedAt = At(21),
    };

    /// <summary>A job that was tried before, with its error, and waits.</summary>
    public static Job Job(TenantId tenant) => A.Job(tenant) with { Party = "cus_1", RunAt = At(22), CreatedAt = At(23), Tries = 4, Forgiven = 3, LastError = "connection lost" };

    /// <summary>A sight of a provider with everything in it.</summary>
    public static ProviderObservation Sight() => new()
    {
        Provider = "latcom", Kind = ProviderSight.Catalogue, At = At(25), IsWell = true, Amount = A.Pesos(-12.34m), Products = ["XOOM_20_MXN", "b", "a"],
        Detail = "said so",
    };

    /// <summary>A message of a provider that was applied, with a remark.</summary>
    public static ProviderMessage Message() => new()
    {
        Id = Id<ProviderMessage>.Parse("msg_" + Guid.NewGuid().ToString("N")), Provider = "latcom", MessageId = "m-" + Guid.NewGuid().ToString("N"), At = At(26),
        Body = "{\"a\": \"ñ 🙂\"}", Reference = "RLR1", Verdict = Verdict.Reversed, TransactionId = "T-9", State = ProviderMessageState.Applied,
        TopUp = Id<TopUp>.Parse("RLR176035680000012345678"), Note = "heard",
    };

    /// <summary>A reconciliation with something in every member.</summary>
    public static ReconciliationRun Run() => A.Run() with
    {
        Source = StatementSource.Operator, Layout = "time=A; amount=B; phone=C; currency=MXN", FileName = "ñandú 🙂.csv", Supersedes = Id<ReconciliationRun>.Parse("rec_before"),
        StartedAt = At(27), TouchedAt = At(28), FinishedAt = At(29), DeclaredRows = 11, DeclaredTotals = [A.Pesos(1.000001m), A.Dollars(2)], Rows = 12,
        Totals = [A.Pesos(3), A.Dollars(4.5m)], RowsOutside = 2, IsComplete = true, Settled = 3, Problem = "control_total_mismatch: no",
        Classes = [new ClassTotal(StatementClass.Matched, 6, A.Pesos(120)), new ClassTotal(StatementClass.CurrencyMismatch, 1, A.Dollars(7.5m))],
        Walks = [new WalkResult(A.Pesos(100), A.Pesos(-40), A.Pesos(40), 3), new WalkResult(A.Dollars(1), A.Dollars(0), A.Dollars(1), null)],
    };

    /// <summary>A line with something in every member.</summary>
    public static StatementRow Row() => new()
    {
        Line = 7, State = StatementState.Reversed, OperatorId = "OP-1", ProviderId = "LT1", OurReference = "RLR1", Phone = "5512345678", Product = "XOOM",
        Amount = A.Pesos(20.000001m), At = At(30), Day = new LocalDate(2028, 2, 29),
    };

    /// <summary>A break that was ended, with something in every member.</summary>
    public static ReconciliationBreak Break(ReconciliationRun run) => A.Break(run) with
    {
        Class = StatementClass.ProviderDeliveredWeFailed, Verdict = Verdict.Delivered, NeedsConfirmation = true, SettlesItself = true, Line = 7,
        TopUp = Id<TopUp>.Parse("RLR176035680000012345678"), AttemptNo = 2, Theirs = A.Dollars(1.000001m), Ours = A.Pesos(20), Reference = "LT1",
        OpenedAt = At(31), Owner = "jorge", Outcome = BreakOutcome.Claimed, Note = "said so", ClosedAt = At(32), ClosedBy = "admin:maria",
    };

    /// <summary>An alert with a fact of each kind.</summary>
    public static Alert Alert() => new()
    {
        Id = Id<Alert>.Parse("alr_" + Guid.NewGuid().ToString("N")), Kind = AlertKind.FloatLow, Subject = "latcom", Cause = "low", At = At(33),
        Facts = new Dictionary<string, object> { ["left"] = A.Pesos(9.000001m), ["said"] = "ñ 🙂" }, Text = "9.00 MXN is left.",
    };

    /// <summary>An undecided top-up of another system, with something in every member.</summary>
    public static ImportedItem Item() => new()
    {
        Source = "latcom-fix", Kind = ImportedKind.TopUp, OldId = "LT178061 ñ", NewId = "RLR176035680000012345678", Fingerprint = "f00-in_review-", IsUndecided = true,
        Details = "{\"provider\":\"ñ 🙂\"}", At = At(34),
    };

    /// <summary>A plan with everything a plan can say.</summary>
    public static PlanVersion Plan() => new()
    {
        Plan = Id<RatePlan>.Parse("starter"), Version = 1, Name = "Starter ñ", Currency = Currency.INR, EffectiveFrom = At(35), Zone = DateTimeZoneProviders.Tzdb["Asia/Kolkata"],
        Numbers = NumberPlan.India, Fallback = [Id<RatePlan>.Parse("world"), Id<RatePlan>.Parse("rest")], Mode = PaymentMode.Prepaid, CreatedAt = At(36),
        Bands =
        [
            new CalendarBand
            {
                Name = "night", Priority = 7, Deck = "india-night", WeekDays = new[] { IsoDayOfWeek.Monday, IsoDayOfWeek.Sunday }.ToFrozenSet(), MonthDays = new[] { 1, 31 }.ToFrozenSet(),
                Months = new[] { 2, 12 }.ToFrozenSet(), Dates = new[] { new LocalDate(2026, 8, 15) }.ToFrozenSet(), From = new LocalTime(0, 30), To = new LocalTime(6, 15, 30),
            },
            new CalendarBand { Name = "always", Deck = "india" },
        ],
        Allowances =
        [
            new Allowance("included minutes", BucketKind.Seconds, 30_000) { Unit = 60, Priority = 3, Prefixes = ["91", "1800"], IsBlocker = true },
            new Allowance("credit", BucketKind.Money, 199.000001m),
        ],
        Prices = ImmutableSortedDictionary<string, Money>.Empty.WithComparers(StringComparer.Ordinal).Add("monthly", Money.Of(349, Currency.INR)).Add("annual", Money.Of(4008, Currency.INR)),
        Limits = ImmutableSortedDictionary<string, long>.Empty.WithComparers(StringComparer.Ordinal).Add("numbers", 1).Add("concurrent_calls", 2),
    };

    /// <summary>A deck that nothing is rated by yet.</summary>
    public static DeckVersion Deck() => new()
    {
        Deck = Id<RateDeck>.Parse("india"), Version = 1, Name = "India ñ", Currency = Currency.INR, State = VersionState.Draft, Hash = "f00", Entries = 4, CreatedAt = At(37),
    };

    /// <summary>The same, rated by.</summary>
    public static DeckVersion Active(DeckVersion deck) => deck with { State = VersionState.Active, EffectiveFrom = At(38), ActivatedAt = At(39) };

    /// <summary>Entries and rates with everything they can say.</summary>
    public static DeckPart DeckPart() => new(
        [
            new DeckEntry("", "plain"), new DeckEntry("112", "plain") { IsShortCode = true, Destination = "emergency" }, new DeckEntry("91", "full") { Destination = "India ñ" },
            new DeckEntry("979", "") { IsForbidden = true },
        ],
        new Dictionary<string, UsageRate>
        {
            ["plain"] = new() { Tiers = [new(0, UnitPrice.Of(0.000000001m), 60, 60)] },
            ["full"] = new()
            {
                ConnectFee = UnitPrice.Of(0.25m), Tiers = [new(0, UnitPrice.Of(1.99m), 60, 30), new(180, UnitPrice.Of(0.5m), 1, 6)], GraceSeconds = 3, MinQuantity = 4, MinCharge = UnitPrice.Of(0.5m),
                MaxCharge = UnitPrice.Of(5), Cap = CapStrategy.Disconnect, Rounding = new ChargeRounding(Rounding.HalfEven, 2),
            },
        });

    /// <summary>An account that usage is charged to, with everything set.</summary>
    public static UsageAccount UsageAccountOf(Customer customer) => new()
    {
        Id = customer.Wallet, Customer = customer.Id, Name = "Office ñ", Mode = PaymentMode.Postpaid, Status = UsageAccountStatus.Suspended, Currency = Currency.MXN,
        Zone = DateTimeZoneProviders.Tzdb["Asia/Kolkata"], LowBalance = A.Pesos(100), CriticalBalance = A.Pesos(-50), CreatedAt = At(40), Version = 1,
        Plans =
        [
            new PlanAssignment(Id<RatePlan>.Parse("starter"), At(41)) { To = At(42), Use = PlanUse.Calls, Line = new LineRef(LineKind.Number, "911800") },
            new PlanAssignment(Id<RatePlan>.Parse("basic"), At(43)),
        ],
    };

    /// <summary>A bucket of an account with everything set.</summary>
    public static AccountBucket BucketOf(Id<Account> account) => new()
    {
        Id = Id<AccountBucket>.Parse("bkt_1"), Account = account, Name = "included ñ", Granted = 199.000002m, Reserved = 0.000001m, ValidFrom = At(44), CreatedAt = At(45), Version = 1,
        Content = new Bucket { Id = "bkt_1", Kind = BucketKind.Money, Left = 99.000001m, Unit = 60, Priority = -2, Expires = At(46), Prefixes = ["91", "1800"], IsBlocker = true },
    };

    /// <summary>A call as it is after it was rated, with everything set.</summary>
    public static Call CallOf(Customer customer) => new()
    {
        Id = Id<Call>.Parse("call_1"), Account = customer.Wallet, Customer = customer.Id, Line = new LineRef(LineKind.SipUser, "1001"), State = CallState.Rated, Dispute = Id<CallDispute>.Parse("dsp_1"), ReceivedAt = At(50), Batch = "file_1", RatingVersion = 1, PricedTo = 67, Version = 1,
        Record = new CallRecord
        {
            Source = "fs-blr-1", ExternalId = "aaaa-1", Leg = "a", Kind = UsageKind.Voice, Direction = CallDirection.Inbound, From = "1001", To = "+91 80 41", StartedAt = At(47), AnsweredAt = At(48),
            EndedAt = At(49), Duration = 71, Quantity = 68, Cause = "NORMAL_CLEARING", Lines = [new LineRef(LineKind.AccountCode, "ACC-1"), new LineRef(LineKind.SipUser, "1001")], LinkedTo = "bbbb-2",
        },
        Rating = new CallRating
        {
            Version = 1, RatedAt = At(51), Plan = Id<RatePlan>.Parse("starter"), PlanVersion = 2, Deck = Id<RateDeck>.Parse("india"), DeckVersion = 3, Prefix = "9180", Destination = "Bengaluru ñ",
            Billed = 120, Amount = A.Pesos(1.200001m), Buckets = [new BucketUse(Id<AccountBucket>.Parse("bkt_1"), 60), new BucketUse(Id<AccountBucket>.Parse("bkt_2"), 0.5m)],
            Journal = Id<Journal>.Parse("jnl_1"),
            Lines =
            [
                ChargeLine.Kept(ChargeLineKind.Bucket, 0) with { Band = "peak", Increments = 1, Increment = 60, Price = UnitPrice.Of(0.6m), Per = 60, Bucket = "bkt_1" },
                ChargeLine.Kept(ChargeLineKind.Tier, 1.2m) with { Band = "peak", From = 60, Increments = 1, Increment = 60, Price = UnitPrice.Of(0.6m), Per = 60 },
                ChargeLine.Kept(ChargeLineKind.Rounding, 0.000000000001m),
            ],
        },
    };

    /// <summary>A session that goes on, with everything set.</summary>
    public static UsageSession SessionOf(Customer customer) => new()
    {
        Id = Id<UsageSession>.Parse("ses_1"), Account = customer.Wallet, Customer = customer.Id, Line = new LineRef(LineKind.SipUser, "1001"), Mode = PaymentMode.Postpaid,
        Tariff = new PinnedTariff(Id<RatePlan>.Parse("starter"), "starter:2|india:3"), Sequence = 7, Fingerprint = "abc", Used = 120, PricedTo = 110, Granted = 60, Charged = A.Pesos(1.200001m),
        Held = A.Pesos(0.600001m), Hold = "ses_1/7", Buckets = [new SessionBucket(Id<AccountBucket>.Parse("bkt_1"), 60, 0.000001m, 99.5m), new SessionBucket(Id<AccountBucket>.Parse("bkt_2"), 0, 30, 40)],
        Journal = Id<Journal>.Parse("jnl_1"), ValidUntil = At(53), OpenedAt = At(54), Version = 1,
        Record = new CallRecord
        {
            Source = "fs-blr-1", ExternalId = "aaaa-1", Leg = "a", Kind = UsageKind.Data, Direction = CallDirection.Inbound, From = "1001", To = "+91 80 41", StartedAt = At(55), Quantity = 0,
            Lines = [new LineRef(LineKind.AccountCode, "ACC-1"), new LineRef(LineKind.SipUser, "1001")], LinkedTo = "bbbb-2",
        },
        Answer = new SessionAnswer
        {
            Sequence = 7, State = SessionState.Open, Used = 120, Granted = 60, IsFinal = true, Reason = "insufficient_credit", Charged = A.Pesos(1.200001m), Held = A.Pesos(0.600001m),
            Available = A.Pesos(-0.000001m), ValidUntil = At(56), Call = Id<Call>.Parse("call_0"), IsExpired = true,
        },
    };

    /// <summary>The same after its end.</summary>
    public static UsageSession Ended(UsageSession session) => session with
    {
        State = SessionState.Released, Sequence = 8, Fingerprint = "def", Used = 180, Granted = 0, Charged = A.Pesos(2), Held = A.Pesos(0), Hold = null, Buckets = [], Journal = null, ValidUntil = At(57),
        Answer = session.Answer with { State = SessionState.Released, Reason = null, Call = null, IsExpired = false, IsFinal = false }, Call = Id<Call>.Parse("call_1"), IsExpired = true, EndedAt = At(58),
    };

    /// <summary>Another call, of which nothing is expected any more.</summary>
    public static Call GoneOf(Customer customer) => CallOf(customer) with
    {
        Id = Id<Call>.Parse("call_2"), State = CallState.Zero, Rating = null, Dispute = null, Record = CallOf(customer).Record with { ExternalId = "aaaa-2", Quantity = 0 },
    };

    /// <summary>A part of the archive.</summary>
    public static ArchivePart Part() => new()
    {
        Id = Id<ArchivePart>.Parse("calls-2026-08-0001"), Kind = ArchiveKind.Calls, Month = new YearMonth(2026, 8), No = 1, Name = "norte/calls/2026-08/0001-00ff.ndjson.gz", Rows = 61, Sha256 = "00ff", Bytes = 62,
        FirstAt = At(63), LastAt = At(64), KeepUntil = At(65), WrittenAt = At(66),
    };

    /// <summary>A dispute that ended with a credit.</summary>
    public static CallDispute DisputeOf(Call call) => new()
    {
        Id = Id<CallDispute>.Parse("dsp_1"), Call = call.Id, Account = call.Account!.Value, Customer = call.Customer!.Value, Amount = call.Amount ?? A.Pesos(1), State = DisputeState.Credited,
        Reason = "never called ñ", OpenedBy = "customer:cus_1", OpenedAt = At(53), Credit = A.Pesos(0.500001m), ClosedBy = "admin:maria", ClosedAt = At(54), Note = "test line", Version = 1,
    };

    /// <summary>A report that nobody understood.</summary>
    public static CallReport CallReport() => new()
    {
        Id = Id<CallReport>.Parse("rep_1"), Source = "fs-blr-1", Reader = "freeswitch", At = At(52), ContentType = "application/json", Body = "{ñ 🙂", IsBase64 = true, State = CallReportState.Malformed,
        Reason = "not_json", Detail = "expected JSON", Call = Id<Call>.Parse("call_1"), Version = 1,
    };

    /// <summary>Records of every kind that a port takes or gives, by name.</summary>
    public static ImmutableDictionary<string, object> All()
    {
        var (tenant, customer) = (TenantId.Parse("norte"), Customer());
        var topUp = Later(TopUpOf(customer));
        return new object[]
        {
            A.Tenant(tenant), customer, customer.Policies, WalletOf(customer), topUp, topUp.Route!, topUp.Rate!, topUp.Attempts[0], topUp.Evidence[0], Sight(), Message(), Run(), Row(), Break(Run()), Alert(), Item(),
            RejectedOf(customer).Rejection!, Refusal.Fields[0], HoldOf(topUp), JournalOn(WalletOf(customer)), JournalOn(WalletOf(customer)).Postings[0],
            KeyOf(tenant, customer), Job(tenant) with { Owner = "worker-1", LeasedUntil = At(24) },
            A.AuditEntry() with { Before = "{}" }, A.FirstAnswer() with { Refusal = Refusal }, Plan(), Active(Deck()), DeckPart(), UsageAccountOf(customer), BucketOf(customer.Wallet), CallOf(customer), DisputeOf(CallOf(customer)), CallReport(),
            Part(), SessionOf(customer) with { Call = Id<Call>.Parse("call_1"), IsExpired = true, EndedAt = At(58), State = SessionState.Released }, SessionOf(customer).Answer,
        }.ToImmutableDictionary(record => record.GetType().Name);
    }

    /// <summary>A time that no other number has, to the microsecond.</summary>
    private static Instant At(int number) => A.Noon + Duration.FromSeconds(number) + OneMicrosecond * (111_111 + number);
}
