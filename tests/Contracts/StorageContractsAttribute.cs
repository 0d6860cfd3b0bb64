using NUnit.Framework;
using NUnit.Framework.Interfaces;
using NUnit.Framework.Internal;
using NUnit.Framework.Internal.Builders;

namespace Relier.Contracts;

/// <summary>
/// On an <see cref="IStorageEngine"/>: runs every suite of this package that derives from <see cref="StorageContract"/>
/// on it, also those that a later version adds. The tests are called <c>CustomerStoreContract(MyEngine).…</c>.
/// </summary>
/// <example><code>
/// [StorageContracts]
/// public sealed class MyEngine : IStorageEngine
/// {
///     public async Task&lt;IStorage&gt; CreateStorageAsync() => …
/// }
/// </code></example>
[AttributeUsage(AttributeTargets.Class)]
public sealed class StorageContractsAttribute : NUnitAttribute, IFixtureBuilder2
{
    /// <summary>The suites, in the order of their names.</summary>
    public static IReadOnlyList<Type> Suites { get; } =
    [
        .. typeof(StorageContract).Assembly.GetExportedTypes()
            .Where(type => type.IsSubclassOf(typeof(StorageContract)) && !type.IsAbstract)
            .OrderBy(type => type.Name, StringComparer.Ordinal),
    ];

    /// <inheritdoc/>
    public IEnumerable<TestSuite> BuildFrom(ITypeInfo typeInfo) => BuildFrom(typeInfo, new EveryTest());

    /// <inheritdoc/>
    public IEnumerable<TestSuite> BuildFrom(ITypeInfo typeInfo, IPreFilter filter)
    {
        ArgumentNullException.ThrowIfNull(typeInfo);
        if (Activator.CreateInstance(typeInfo.Type) is not IStorageEngine engine)
            throw new InvalidOperationException($"{typeInfo.FullName} is under [StorageContracts] and must be an {nameof(IStorageEngine)}.");

        var builder = new NUnitTestFixtureBuilder();
        foreach (var suite in Suites)
        {
            var arguments = new TestFixtureData(engine).SetArgDisplayNames(typeInfo.Name);
            yield return builder.BuildFrom(new TypeWrapper(suite), filter, arguments);
        }
    }

    private sealed class EveryTest : IPreFilter
    {
        public bool IsMatch(Type type) => true;

        public bool IsMatch(Type type, System.Reflection.MethodInfo method) => true;
    }
}
