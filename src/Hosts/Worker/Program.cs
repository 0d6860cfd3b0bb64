using Relier.Worker;

return await Working.RunAsync(args);
