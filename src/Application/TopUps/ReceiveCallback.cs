using System.Security.Cryptography;
using System.Text;
using FluentValidation;
using Relier.Identity;
using Relier.Jobs;
using Relier.Pipeline;
using Relier.Storage;

namespace Relier.TopUps;

/// <summary>
/// Takes in what a provider tells us unasked: verified, kept as received, applied by a job. It is acknowledged when it is
/// kept, never before; the same message again is acknowledged and changes nothing. Refusals: <c>not_found</c> for a
/// provider that never calls, <c>validation_failed</c> for more than 64 kB, <c>signature_invalid</c>, which leaves no trace.
/// </summary>
/// <param name="Provider">Who seems to call.</param>
/// <param name="Headers">The headers, names in lower case.</param>
/// <param name="Body">The body, as received.</param>
[Requires(Permission.ReceiveCallbacks)]
public sealed record ReceiveCallback(string Provider, IReadOnlyDictionary<string, string> Headers, ReadOnlyMemory<byte> Body) : IUseCase<CallbackReceipt>;

/// <summary>What the provider is answered.</summary>
/// <param name="Message">What was kept.</param>
/// <param name="ContentType">The type of the answer.</param>
/// <param name="Text">The answer, in the form that this provider wants.</param>
public sealed record CallbackReceipt(ProviderMessage Message, string ContentType, string Text);

internal sealed class ReceiveCallbackRules : AbstractValidator<ReceiveCallback>
{
    public const int LargestBody = 64 * 1024;

    public ReceiveCallbackRules() =>
        RuleFor(callback => callback.Body).Must(body => body.Length <= LargestBody).WithErrorCode("too_large").WithMessage("expected at most 64 kB");
}

internal sealed class ReceiveCallbackHandler(IStorage storage, Providers providers, IClock clock, Caller caller) : Handler<ReceiveCallback, CallbackReceipt>
{
    protected override async Task<Outcome<CallbackReceipt>> HandleAsync(ReceiveCallback callback, CancellationToken cancellationToken)
    {
        if (providers.Find(callback.Provider)?.Callbacks is not { } callbacks) return new Refusal("not_found", $"Nothing is expected from '{callback.Provider}'.");
        var now = clock.Now();
        var reading = callbacks.Read(callback.Headers, callback.Body, now);
        if (reading is CallbackReading.Forged) return new Refusal("signature_invalid", "This is not signed as agreed.");

        var understood = reading as CallbackReading.Understood;
        var message = new ProviderMessage
        {
            Id = Ids.New<ProviderMessage>("msg", now), Provider = callback.Provider, At = now,
            MessageId = understood?.Id ?? Convert.ToHexStringLower(SHA256.HashData(callback.Body.Span)),
            Body = Text(callback.Body), Reference = understood?.Reference, Verdict = understood?.Verdict, TransactionId = understood?.TransactionId,
            State = understood is null ? ProviderMessageState.Unreadable : ProviderMessageState.Received,
            Note = (reading as CallbackReading.Unreadable)?.Reason,
        };
        await storage.RunAsync(caller.Tenant, session => KeepAsync(session, message, cancellationToken), cancellationToken);
        var (contentType, text) = callbacks.Acknowledgement;
        return new CallbackReceipt(message, contentType, text);
    }

    private static async Task<bool> KeepAsync(ISession session, ProviderMessage message, CancellationToken cancellationToken)
    {
        if (!await session.Providers.AddMessageAsync(message, cancellationToken)) return false;
        if (message.State != ProviderMessageState.Received) return true;
        await session.Jobs.AddAsync(
            new Job
            {
                Id = Ids.New<Job>("job", message.At), Tenant = session.Tenant, Kind = CallbackWork.Kind, Subject = message.Id.Value,
                RunAt = message.At, CreatedAt = message.At,
            },
            cancellationToken);
        return true;
    }

    // What no engine can keep as text is shown as what it is not: the message is for people to read.
    private static string Text(ReadOnlyMemory<byte> body) => Encoding.UTF8.GetString(body.Span).Replace('\0', '\uFFFD');
}

/// <summary>Applies what a provider told us, once, in whatever order it comes.</summary>
internal sealed class CallbackWork(IStorage storage, TopUpWork work, IClock clock) : IJobHandler
{
    public const string Kind = "provider.message";

    public IReadOnlyList<string> Kinds { get; } = [Kind];

    public async Task RunAsync(Job job, CancellationToken cancellationToken)
    {
        var message = await storage.RunAsync(
            job.Tenant, session => session.Providers.FindMessageAsync(Id<ProviderMessage>.Parse(job.Subject), cancellationToken), cancellationToken)
            ?? throw new InvalidOperationException($"Job {job.Id} is about message {job.Subject}, which is not there.");
        var after = message.State == ProviderMessageState.Received ? await ApplyAsync(message, cancellationToken) : message;

        // Die before this commit: applied again, the message is found to be known.
        await storage.RunAsync(
            job.Tenant,
            async session =>
            {
                await session.Providers.EndMessageAsync(after, cancellationToken);
                return await session.Jobs.CompleteAsync(job, cancellationToken);
            },
            cancellationToken);
    }

    private async Task<ProviderMessage> ApplyAsync(ProviderMessage message, CancellationToken cancellationToken)
    {
        var submitted = await storage.RunSystemAsync(
            session => session.FindSubmissionAsync(message.Provider, message.Reference!, cancellationToken), cancellationToken);
        if (submitted is null) return message with { State = ProviderMessageState.Orphan, Note = "No submission of ours carries this reference." };
        var known = message with { TopUp = submitted.TopUp };
        if (message.Verdict is not { } verdict) return known with { State = ProviderMessageState.Applied, Note = "It decides nothing yet." };

        // Where the answer to the submission was written meanwhile, it is decided again on what is there then.
        return await Turns.RunAsync(() => storage.RunAsync(
            submitted.Tenant,
            async session =>
            {
                var topUp = (await session.TopUps.FindAsync(submitted.TopUp, cancellationToken))!;
                var evidence = new Evidence
                {
                    Id = Id<Evidence>.Parse("evd" + message.Id.Value["msg".Length..]), Verdict = verdict, Source = EvidenceSource.Callback,
                    Reference = message.TransactionId ?? message.MessageId, By = $"provider:{message.Provider}", AttemptNo = submitted.AttemptNo,
                    At = message.At, Note = $"message {message.Id}",
                };
                if (topUp.Hear(evidence, clock.Now()).IsRefused(out var refusal, out var settlement))
                    return known with { State = ProviderMessageState.Contradicts, Note = refusal.Message };
                await work.ApplyAsync(session, topUp, settlement, cancellationToken);
                return known with { State = ProviderMessageState.Applied };
            },
            cancellationToken));
    }
}
