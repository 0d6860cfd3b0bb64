using Relier.Api;

var builder = WebApplication.CreateBuilder(args);
builder.AddApi();

var app = builder.Build();
return await app.ServeAsync();
