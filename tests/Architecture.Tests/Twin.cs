namespace Relier.Architecture.Tests.Twin;

internal sealed class Twin;
