using NodaTime;
using Relier.Auditing;
using Relier.Customers;
using Relier.Identity;
using Relier.Ledger;
using Relier.Storage;
using Relier.Tenancy;

namespace Relier.Importing;

/// <summary>The course of an import: read everything once, then customers one by one, then the history in short transactions.</summary>
internal sealed class FirstVersionImport(IStorage storage, TenantDirectory tenants, IClock clock)
{
    /// <summary>The name of the other system, for ever: by it what has come before is recognised.</summary>
    public const string Source = "latcom-fix";

    /// <summary>Lines in one transaction: short enough for live orders to pass between, long enough that commits cost little.</summary>
    private const int MostInBatch = 1_000;

    private const string KeyName = "from the first version";

    public async Task<Outcome<ImportReport>> RunAsync(ImportFirstVersion asked, Caller caller, CancellationToken cancellationToken)
    {
        var tally = new ImportTally();
        var tell = asked.Remark ?? (_ => { });
        var zone = asked.Zone is null ? DateTimeZone.Utc : DateTimeZoneProviders.Tzdb[asked.Zone];

        // To their ends before anything is written: a file that breaks off in the middle changes nothing.
        var customersFile = await ExportTable.OpenAsync(asked.Customers, FirstVersionCustomer.Required, cancellationToken);
        var customers = await ReadCustomersAsync(customersFile, asked.WithCommissions, tally, tell, cancellationToken);
        var limits = asked.CreditLimits.Select(limit => ImportFirstVersionRules.LimitOf(limit)!.Value).ToDictionary(limit => limit.OldId, limit => limit.Limit);
        if (limits.Keys.Except(customers.Select(customer => customer.OldId)).FirstOrDefault() is { } nobody)
            return Pipeline.Validation.Failed([new FieldError("creditLimits", "credit_limit_invalid", $"there is no customer {nobody} in {asked.Customers.Name}")]);
        var history = asked.Transactions is null ? null : await ExportTable.OpenAsync(asked.Transactions, FirstVersionTopUp.Required, cancellationToken);
        var survey = history is null ? null : await ImportSurvey.OfAsync(history, zone, clock.Now(), cancellationToken);
        tally.UnreadColumns.AddRange(customersFile.Columns.Except(FirstVersionCustomer.Read).Select(column => $"{customersFile.Name}: {column}"));
        if (history is not null) tally.UnreadColumns.AddRange(history.Columns.Except(FirstVersionTopUp.Read).Select(column => $"{history.Name}: {column}"));
        await CheckBalancesAsync(asked, customers, tally, tell, cancellationToken);

        var owners = await EnrolAsync(asked, customers, limits, caller, tally, tell, cancellationToken);
        if (history is not null)
        {
            var tenant = await tenants.GetAsync(caller.Tenant, cancellationToken);
            var past = new ImportHistory(storage, clock, caller, tenant, history.Name, survey!, owners, asked.Apply, tally, tell);
            await TakeAllAsync(history, past, zone, tally, tell, cancellationToken);
        }

        return tally.ToReport(asked.Apply);
    }

    private static async Task<List<FirstVersionCustomer>> ReadCustomersAsync(
        ExportTable table, bool withCommissions, ImportTally tally, Action<ImportRemark> tell, CancellationToken cancellationToken)
    {
        var (customers, known) = (new List<FirstVersionCustomer>(), new HashSet<string>());
        await foreach (var line in table.ReadAsync(cancellationToken))
        {
            var remarks = new List<ImportRemark>();
            var customer = FirstVersionCustomer.Parse(line, withCommissions, remarks);
            if (customer is not null && !known.Add(customer.OldId))
            {
                remarks = [line.No("customer_id", "id_repeated", "an earlier line has the same id")];
                customer = null;
            }

            remarks.ForEach(tell);
            if (customer is null) tally.CustomersNotTaken++;
            else customers.Add(customer);
        }

        return customers;
    }

    private static async Task CheckBalancesAsync(
        ImportFirstVersion asked, List<FirstVersionCustomer> customers, ImportTally tally, Action<ImportRemark> tell, CancellationToken cancellationToken)
    {
        var ids = customers.SelectMany(customer => new[] { customer.OldId, customer.RowId }).OfType<string>().ToHashSet();
        foreach (var (file, isCharge) in new[] { (asked.Adjustments, false), (asked.BillingRecords, true) })
        {
            if (file is null) continue;
            var table = await BalanceFile.OpenAsync(file, cancellationToken);
            tally.UnreadColumns.AddRange(BalanceFile.UnreadOf(table));
            tally.Checked.Add(await BalanceFile.CheckAsync(table, isCharge, ids, tell, cancellationToken));
        }
    }

    /// <summary>The customers by every name that their transactions may call them. Without <c>Apply</c> the new ones have no one behind their name.</summary>
    private async Task<Dictionary<string, Customer?>> EnrolAsync(
        ImportFirstVersion asked, List<FirstVersionCustomer> customers, Dictionary<string, Money> limits, Caller caller, ImportTally tally, Action<ImportRemark> tell, CancellationToken cancellationToken)
    {
        var owners = new Dictionary<string, Customer?>();
        foreach (var old in customers)
        {
            var known = await FindAsync(caller, old, cancellationToken);
            var isNew = known is null;
            if (isNew)
            {
                tally.Round(asked.Customers.Name, "current_balance", Currency.USD, old.BalanceDifference);
                if (old.IsActive) tally.Keys++;
                if (asked.Apply) known = await EnrolAsync(asked, old, limits.GetValueOrDefault(old.OldId, Money.Zero(Currency.USD)), caller, tell, cancellationToken);
            }
            else if (known!.Value.Item.Fingerprint != FingerprintOf(old))
            {
                tell(new ImportRemark(asked.Customers.Name, old.Line, "current_balance", "balance_changed", $"they came with another balance, and keep what they have here; the file now says {old.Balance}", IsTaken: true));
            }

            owners[old.OldId] = known?.Customer;
            tally.Customers.Add(new ImportedCustomer(old.OldId, known?.Customer.Id.Value, old.Name, known?.Customer.Channel, old.Balance, old.IsActive, isNew));
        }

        // A row number never takes the place of another customer's own id.
        foreach (var old in customers)
            if (old.RowId is { } rowId) owners.TryAdd(rowId, owners[old.OldId]);
        return owners;
    }

    private Task<(ImportedItem Item, Customer Customer)?> FindAsync(Caller caller, FirstVersionCustomer old, CancellationToken cancellationToken) =>
        storage.RunAsync(caller.Tenant, session => FindAsync(session, old, cancellationToken), cancellationToken);

    private static async Task<(ImportedItem Item, Customer Customer)?> FindAsync(ISession session, FirstVersionCustomer old, CancellationToken cancellationToken)
    {
        if ((await session.Imports.FindAsync(Source, ImportedKind.Customer, [old.OldId], cancellationToken)).SingleOrDefault() is not { } item) return null;
        var customer = await session.Customers.FindAsync(Id<Customer>.Parse(item.NewId), cancellationToken);
        return (item, customer ?? throw new InvalidOperationException($"Customer {item.NewId} was imported and is not there."));
    }

    private async Task<(ImportedItem Item, Customer Customer)?> EnrolAsync(
        ImportFirstVersion asked, FirstVersionCustomer old, Money limit, Caller caller, Action<ImportRemark> tell, CancellationToken cancellationToken)
    {
        var now = clock.Now();
        var id = Ids.New<Customer>("cus", now);
        var key = old.IsActive ? KeyMaking.New(caller, id, KeyName, Permission.OfCustomers, null, now) : null;

        // Before the commit: a secret that opens nothing harms nobody, a key whose secret is lost has to be found and replaced.
        if (key is not null) await asked.KeepSecret!(new ImportedSecret(old.OldId, key.Key, key.Secret), cancellationToken);
        foreach (var channel in old.Channels(id))
        {
            var customer = new Customer
            {
                Id = id, Name = old.Name, Channel = channel, Status = old.IsActive ? CustomerStatus.Active : CustomerStatus.Suspended, Wallet = Ids.New<Account>("acc", now),
                Policies = old.Policies, CreatedAt = now, Version = 1,
            };
            try
            {
                return await storage.RunAsync(caller.Tenant, session => EnrolAsync(session, old, customer, limit, key, caller, cancellationToken), cancellationToken);
            }
            catch (DuplicateKeyException taken) when (taken.Key == UniqueKey.CustomerChannel)
            {
                tell(new ImportRemark(asked.Customers.Name, old.Line, null, "channel_taken", $"the channel {channel} is another customer's; the next one is tried", IsTaken: true));
            }
        }

        throw new InvalidOperationException($"No channel is left for customer {old.OldId}.");
    }

    private async Task<(ImportedItem Item, Customer Customer)?> EnrolAsync(
        ISession session, FirstVersionCustomer old, Customer customer, Money limit, IssuedKey? key, Caller caller, CancellationToken cancellationToken)
    {
        await session.Imports.LockAsync(Source, cancellationToken);
        if (await FindAsync(session, old, cancellationToken) is { } known) return known;

        var now = clock.Now();
        var account = Account.Open(customer.Wallet, customer.Id, limit, now);
        await session.Customers.AddAsync(customer, cancellationToken);
        await session.Ledger.OpenAsync(account, cancellationToken);
        if (!old.Balance.IsZero)
        {
            var booking = PostingTable.OpeningBalance(Ids.New<Journal>("jnl", now), now, account, old.Balance, $"{Source}, customer {old.OldId}").Value;
            await session.Ledger.UpdateAsync(booking.Account, cancellationToken);
            await session.Ledger.PostAsync(booking.Journal, cancellationToken);
        }

        if (key is not null) await session.Keys.AddAsync(key.Key, cancellationToken);
        var item = new ImportedItem { Source = Source, Kind = ImportedKind.Customer, OldId = old.OldId, NewId = customer.Id.Value, Fingerprint = FingerprintOf(old), At = now };
        await session.Imports.AddAsync([item], cancellationToken);
        await session.AuditAsync(
            caller, clock, "customer.imported", customer.Id.Value, null,
            new { source = Source, old.OldId, openingBalance = old.Balance.ToString(), key = key?.Key.Prefix, customer = CustomerFacts.Of(customer, account) }, cancellationToken);
        return (item, customer);
    }

    private static string FingerprintOf(FirstVersionCustomer old) => old.Balance.ToString();

    private async Task TakeAllAsync(
        ExportTable table, ImportHistory history, DateTimeZone zone, ImportTally tally, Action<ImportRemark> tell, CancellationToken cancellationToken)
    {
        var (batch, remarks) = (new List<FirstVersionTopUp>(MostInBatch), new List<ImportRemark>());
        await foreach (var line in table.ReadAsync(cancellationToken))
        {
            remarks.Clear();
            var topUp = FirstVersionTopUp.Parse(line, zone, clock.Now(), remarks);
            if (topUp is null)
            {
                remarks.ForEach(tell);
                tally.Count(ImportFate.NotTaken, null, null);
            }
            else if (history.Refuse(topUp) is { } no)
            {
                tell(no);
                tally.Count(ImportFate.NotTaken, topUp.Face, topUp.Charge);
            }
            else
            {
                batch.Add(topUp with { Remarks = [.. remarks] });
            }

            if (batch.Count < MostInBatch) continue;
            await history.TakeAsync(batch, cancellationToken);
            batch.Clear();
        }

        await history.TakeAsync(batch, cancellationToken);
    }
}
