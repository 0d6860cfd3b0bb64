using Relier.Api;

namespace Relier.Hosts.Tests.Api;

internal sealed class OpenFilesTests
{
    private const string Head = "Limit                     Soft Limit           Hard Limit           Units     ";

    [TestCase("Max open files            1024                 524288               files     ", 1024)]
    [TestCase("Max open files            unlimited            unlimited            files     ", null)]
    [TestCase("Max processes             94000                94000                processes ", null)]
    public void The_limit_is_the_soft_one(string line, long? limit) => OpenFiles.SoftLimit([Head, line]).Should().Be(limit);
}
