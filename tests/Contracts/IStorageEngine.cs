using Relier.Storage;

namespace Relier.Contracts;

/// <summary>
/// An engine the storage contracts run on: a public class without constructor arguments, under
/// <see cref="StorageContractsAttribute"/>. One is made when tests are listed and used for all of them, so making it
/// must be cheap.
/// </summary>
public interface IStorageEngine
{
    /// <summary>
    /// A storage of its own for one test: migrated, without a row. Disposed after the test when it is disposable.
    /// Throws when the engine cannot run here: a contract that was not tested is not kept.
    /// </summary>
    Task<IStorage> CreateStorageAsync();
}
