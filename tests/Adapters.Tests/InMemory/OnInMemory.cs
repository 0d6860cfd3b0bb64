using Relier.Contracts;
using Relier.InMemory;
using Relier.Storage;

namespace Relier.Adapters.Tests.InMemory;

/// <summary>Every storage contract, in memory.</summary>
[StorageContracts]
public sealed class OnInMemory : IStorageEngine
{
    public Task<IStorage> CreateStorageAsync() => Task.FromResult<IStorage>(new InMemoryStorage());
}
