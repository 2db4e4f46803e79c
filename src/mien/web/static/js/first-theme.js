// Applies the stored theme before the first paint, and is therefore loaded without `defer`.
document.documentElement.dataset.theme = localStorage.getItem("mien.theme") ?? "auto";
