global using FluentAssertions;
global using FsCheck;
global using FsCheck.Fluent;
global using NodaTime;
global using NUnit.Framework;
global using static Relier.Domain.Tests.Amounts;
