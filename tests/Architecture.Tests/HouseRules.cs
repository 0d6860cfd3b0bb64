

namespace Relier.Architecture.Tests;

/// <summary>The house keeps its rules; the twin of each, in <see cref="HouseRulesBite"/>, shows that it would not go unnoticed.</summary>
internal sealed class HouseRules
{
    [Test]
    public void Projects_reference_only_what_the_house_allows() => Rules.References(House.Projects).Should().BeEmpty();

    [Test]
    public void The_domain_needs_NodaTime_and_nothing_else()
    {
        Rules.AssemblyReferences(House.Domain, name => name.StartsWith("System.", StringComparison.Ordinal) || name == "NodaTime").Should().BeEmpty();
        House.Projects.Single(project => project.Name == "Relier.Domain").Packages.Should().Equal("NodaTime");
    }

    [Test]
    public void The_application_needs_no_driver_and_no_web() => Rules.AssemblyReferences(House.Application, IsCore).Should().BeEmpty();

    [Test]
    public void The_domain_knows_no_floating_point_no_clock_and_no_waiting() => Rules.ImpureMembers(House.Domain.GetTypes()).Should().BeEmpty();

    [Test]
    public void Domain_values_do_not_change() => Rules.MutableProperties(House.Domain.GetTypes()).Should().BeEmpty();

    [Test]
    public void Every_use_case_names_its_permission_and_has_one_handler() => Rules.UseCases(House.Application.GetTypes()).Should().BeEmpty();

    [Test]
    public void MediatR_is_known_to_the_marker_and_to_one_file() =>
        Rules.Only(House.Sources, Rules.Mediator(), path => path is "src/Application/IRelier.cs" or "src/Application/Pipeline/Mediation.cs").Should().BeEmpty();

    [Test]
    public void No_public_type_shows_more_of_MediatR_than_the_marker() =>
        Rules.Leaks(House.Application.GetTypes().Where(type => type != typeof(IUseCase<>)), "MediatR").Should().BeEmpty();

    [Test]
    public void No_port_shows_a_driver_or_a_vendor() =>
        Rules.Leaks(House.Application.GetTypes(), "System.Data", "Npgsql", "Microsoft.Data", "Dapper", "Microsoft.EntityFrameworkCore", "System.Net.Http").Should().BeEmpty();

    [Test]
    public void Three_steps_surround_every_handler_and_no_more() =>
        House.Application.GetTypes().Where(type => !type.IsAbstract && type.BaseType is { IsGenericType: true } parent && parent.Name.StartsWith("Step`", StringComparison.Ordinal))
            .Select(type => type.Name.Split('`')[0]).Should().BeEquivalentTo("TelemetryStep", "AuthorisationStep", "ValidationStep");

    [Test]
    public void Sql_stands_in_the_sql_adapter_and_its_dialects_alone() =>
        Rules.Only(House.Sources, Rules.Sql(), path => path.StartsWith("src/Adapters/Sql", StringComparison.Ordinal) || path.StartsWith("src/Adapters/Postgres/", StringComparison.Ordinal)).Should().BeEmpty();

    [Test]
    public void Drivers_are_used_by_their_own_adapters_alone()
    {
        Rules.Packages(House.Projects, "Dapper", "Relier.Sql").Should().BeEmpty();
        Rules.Packages(House.Projects, "Npgsql", "Relier.Postgres", "Relier.EntityFramework").Should().BeEmpty();
        Rules.Packages(House.Projects, "Microsoft.EntityFrameworkCore", "Relier.EntityFramework").Should().BeEmpty();
        Rules.Packages(House.Projects, "Microsoft.Data.Sqlite", "Relier.Sqlite").Should().BeEmpty();
    }

    [Test]
    public void Only_the_api_host_stands_on_the_web_framework() => Rules.WebProjects(House.Projects).Should().BeEmpty();

    [Test]
    public void Folders_are_named_for_what_the_business_does() => Rules.FolderNames(House.Sources).Should().BeEmpty();

    [Test]
    public void No_type_has_the_name_of_its_folder() =>
        Rules.TypesNamedAsTheirFolder(House.Domain.GetTypes().Concat(House.Application.GetTypes())).Should().BeEmpty();

    [Test]
    public void Libraries_do_not_read_the_environment() =>
        Rules.Only(House.Sources, Rules.EnvironmentReads(), path => path.StartsWith("src/Hosts/", StringComparison.Ordinal)).Should().BeEmpty();

    private static bool IsCore(string name) =>
        name.StartsWith("System.", StringComparison.Ordinal)
        || name is "Relier.Domain" or "NodaTime" or "MediatR" or "FluentValidation" or "Scrutor" or "Polly.Core"
        || name.StartsWith("Microsoft.Extensions.", StringComparison.Ordinal);
}

/// <summary>Each rule finds what it is there to find.</summary>
internal sealed class HouseRulesBite
{
    [Test]
    public void A_domain_that_references_storage_is_found() =>
        Rules.References([new Project("Relier.Domain", ["Relier.Sql"], [], "Microsoft.NET.Sdk")]).Should().Equal("Relier.Domain references Relier.Sql");

    [Test]
    public void A_project_nobody_knows_may_reference_nothing() =>
        Rules.References([new Project("Relier.Shortcut", ["Relier.Domain"], [], "Microsoft.NET.Sdk")]).Should().ContainSingle();

    [Test]
    public void A_domain_that_needs_a_package_is_found() => Rules.AssemblyReferences(House.Application, name => name != "Scrutor").Should().Equal("Relier needs Scrutor");

    [Test]
    public void A_floating_point_price_a_wall_clock_and_a_wait_are_found() =>
        Rules.ImpureMembers([typeof(Sinner)]).Should().Contain(["Sinner.Price speaks of Double", "Sinner.At speaks of DateTime", "Sinner.WaitAsync speaks of Task"]);

    [Test]
    public void A_value_that_changes_is_found() => Rules.MutableProperties([typeof(Sinner)]).Should().Contain("Sinner.Price can be changed");

    [Test]
    public void A_use_case_without_permission_and_handler_is_found() =>
        Rules.UseCases([typeof(Forgotten)]).Should().Equal("Forgotten does not say which permission it requires", "Forgotten has 0 handlers");

    [Test]
    public void MediatR_in_a_handler_is_found() => Rules.Only([new SourceFile("src/Application/X.cs", "using MediatR;")], Rules.Mediator(), _ => false).Should().ContainSingle();

    [Test]
    public void A_port_that_shows_a_connection_is_found() => Rules.Leaks([typeof(ILeakyPort)], "System.Data").Should().Contain("ILeakyPort.Connection shows System.Data.IDbConnection");

    [Test]
    public void Sql_in_a_handler_is_found() =>
        Rules.Only([new SourceFile("src/Application/X.cs", "\"select id from topup\"")], Rules.Sql(), _ => false).Should().ContainSingle();

    [Test]
    public void A_driver_in_a_host_is_found() => Rules.Packages([new Project("Relier.Api", [], ["Npgsql"], "")], "Npgsql", "Relier.Postgres").Should().ContainSingle();

    [Test]
    public void Entity_Framework_in_a_store_is_found() =>
        Rules.Packages([new Project("Relier.Postgres", [], ["Microsoft.EntityFrameworkCore.Relational"], "")], "Microsoft.EntityFrameworkCore", "Relier.EntityFramework").Should().ContainSingle();

    [Test]
    public void A_host_on_Entity_Framework_is_found() =>
        Rules.References([new Project("Relier.Hosting", ["Relier.EntityFramework"], [], "Microsoft.NET.Sdk")]).Should().Equal("Relier.Hosting references Relier.EntityFramework");

    [Test]
    public void A_worker_on_the_web_framework_is_found() => Rules.WebProjects([new Project("Relier.Worker", [], [], "Microsoft.NET.Sdk.Web")]).Should().ContainSingle();

    [Test]
    public void A_folder_that_says_nothing_is_found() => Rules.FolderNames([new SourceFile("src/Domain/Helpers/X.cs", "")]).Should().ContainSingle();

    [Test]
    public void A_type_named_as_its_folder_is_found() => Rules.TypesNamedAsTheirFolder([typeof(Twin.Twin)]).Should().ContainSingle();

    [Test]
    public void A_library_that_reads_the_environment_is_found() =>
        Rules.Only([new SourceFile("src/Domain/X.cs", "Environment.GetEnvironmentVariable(\"X\")")], Rules.EnvironmentReads(), _ => false).Should().ContainSingle();

    private sealed class Sinner
    {
        public double Price { get; set; }

        public DateTime At { get; init; }

        public static Task WaitAsync() => Task.CompletedTask;
    }

    private sealed record Forgotten : IUseCase<string>;
}

/// <summary>A port nobody should write.</summary>
public interface ILeakyPort
{
    /// <summary>Shows a driver.</summary>
    System.Data.IDbConnection Connection { get; }
}
