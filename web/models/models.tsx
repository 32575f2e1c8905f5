export const ModelsScreen = () => null
