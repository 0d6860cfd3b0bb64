using Relier.Identity;
using Relier.Rating;

namespace Relier.FreeSwitch;

/// <summary>What came of a sweep.</summary>
/// <param name="States">How many files, by what became of them: <c>accepted</c>, <c>duplicate</c>, <c>conflict</c> or <c>malformed</c> for those that were taken in; a reason for those that stay.</param>
/// <param name="Taken">How many were taken in and are done.</param>
/// <param name="Kept">How many stay.</param>
/// <param name="FirstKept">Where one of those lies; null when none stays.</param>
public sealed record ErrorFolderSwept(IReadOnlyDictionary<string, int> States, int Taken, int Kept, string? FirstKept)
{
    /// <summary>The states as text: <c>3 accepted, 1 too_large</c>.</summary>
    public override string ToString() => string.Join(", ", States.Select(state => $"{state.Value} {state.Key}"));
}

/// <summary>Takes in what lies in the error folder of a switch, as if the switch had delivered it. Safe to run at once in many processes: a call that is known is a duplicate.</summary>
/// <param name="relier">Who takes it in.</param>
/// <param name="source">The switches.</param>
/// <param name="clock">The time, by which files that are still being written are told.</param>
public sealed class ErrorFolderSweep(IRelier relier, FreeSwitchSource source, IClock clock)
{
    /// <summary>Files that are taken in one sweep.</summary>
    public const int FilesMax = 10_000;

    private const string NotMoved = "not_moved";

    /// <summary>
    /// Sweeps once, at most <see cref="FilesMax"/> files. What was taken in is moved to <c>done</c>, whatever it said: what nobody understood is kept for people elsewhere.
    /// What cannot be read, refused or moved stays. Throws <see cref="IOException"/> and <see cref="UnauthorizedAccessException"/> when the folder cannot be
    /// listed, and what <see cref="IRelier.SendAsync"/> throws; the file it happened at stays.
    /// </summary>
    /// <param name="folder">The folder.</param>
    /// <param name="name">The switch.</param>
    /// <param name="caller">Who takes it in, of the tenant whose calls they are.</param>
    /// <param name="cancellationToken">Ends it. The file that is under way stays, or is done.</param>
    public async Task<ErrorFolderSwept> RunAsync(ErrorFolder folder, string name, Caller caller, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(folder);
        var (states, taken, kept, firstKept) = (new SortedDictionary<string, int>(StringComparer.Ordinal), 0, 0, (string?)null);
        foreach (var file in folder.Sweep(clock.Now(), FilesMax))
        {
            cancellationToken.ThrowIfCancellationRequested();
            var (isDone, state) = await TakeAsync(folder, file, name, caller, cancellationToken);
            states[state] = states.GetValueOrDefault(state) + 1;
            if (isDone) taken++;
            else (kept, firstKept) = (kept + 1, firstKept ?? file.Path);
        }

        return new ErrorFolderSwept(states, taken, kept, firstKept);
    }

    private async Task<(bool IsDone, string State)> TakeAsync(ErrorFolder folder, SweptFile file, string name, Caller caller, CancellationToken cancellationToken)
    {
        if (file.Skipped is { } why) return (false, why);
        var isDone = false;
        try
        {
            if ((await relier.SendAsync(new IngestCall(source.Name, name, file.Bytes) { CallId = file.Id }, caller, cancellationToken)).IsRefused(out var refusal, out var ingested)) return (false, refusal.Code);
            isDone = TryMove(folder, file.Path);
            return (isDone, isDone ? CallWords.Word(ingested.State) : NotMoved);
        }
        finally
        {
            // Whatever went wrong with it, the next time it comes behind the others.
            if (!isDone) folder.Kept(file.Path);
        }
    }

    /// <summary>False when it has to stay; it is known by now, and a duplicate the next time.</summary>
    private static bool TryMove(ErrorFolder folder, string path)
    {
        try
        {
            folder.Done(path);
            return true;
        }
        catch (Exception trouble) when (trouble is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
