namespace Relier.Storage;

/// <summary>For work that another process may do at the same time: asked again, it sees what the other did.</summary>
internal static class Turns
{
    private const int MostTries = 10;

    /// <summary>Runs the work, and again when a row was changed meanwhile, or one of these keys taken. What it does must have no effect but through its transaction.</summary>
    public static async Task<T> RunAsync<T>(Func<Task<T>> work, params string[] keys)
    {
        for (var tries = 1; ; tries++)
        {
            try
            {
                return await work();
            }
            catch (DuplicateKeyException taken) when (keys.Contains(taken.Key) && tries < MostTries)
            {
            }
            catch (StaleVersionException) when (tries < MostTries)
            {
            }
        }
    }
}
