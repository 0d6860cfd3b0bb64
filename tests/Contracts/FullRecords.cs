using System.Collections.Immutable;
using System.Net;
using NodaTime;
using Relier.Customers;
using Relier.Identity;
using Relier.Importing;
using Relier.Jobs;
using Relier.Ledger;
using Relier.Notifications;
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
            A.AuditEntry() with { Before = "{}" }, A.FirstAnswer() with { Refusal = Refusal },
        }.ToImmutableDictionary(record => record.GetType().Name);
    }

    /// <summary>A time that no other number has, to the microsecond.</summary>
    private static Instant At(int number) => A.Noon + Duration.FromSeconds(number) + OneMicrosecond * (111_111 + number);
}
